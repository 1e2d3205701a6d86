// An error as a document. Pure: everything that is not ours is escaped.
import { escape } from '../../shared/text.js'
import type { Frame, Problem } from './problem.js'
import { STYLE } from './style.js'

export interface ErrorView {
  readonly status: number
  readonly title: string
  readonly method: string
  readonly url: string
  readonly id: string
  /** `undefined`: nothing was thrown, nothing was found. */
  readonly problem: Problem | undefined
  readonly base: string
  readonly editor: boolean
}

export function writeErrorPage (view: ErrorView): string {
  const { status, title, method, url, id, problem, base } = view
  const headline = problem?.message.headline || (status === 404 ? 'Nothing answers here' : title)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${status} ${escape(headline)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<p class="status"><b>${status}</b> ${escape(title)}</p>
<h1>${escape(headline)}</h1>
<p class="kind">${problem === undefined ? 'No route and no file has this address.' : `<code>${escape(problem.name)}</code>${problem.code === undefined ? '' : ` <code>${escape(problem.code)}</code>`}`}</p>
</header>
${problem === undefined ? '' : writeRest(problem) + writeFrames(problem.frames, view)}
${problem === undefined ? '' : problem.causes.map(cause => writeCause(cause, view)).join('\n')}
<dl>
<div><dt>Request</dt><dd><code>${escape(method)} ${escape(url)}</code></dd></div>
<div><dt>Request id</dt><dd><code>${escape(id)}</code></dd></div>
</dl>
<footer><p role="status">This page reloads by itself when something changes.</p></footer>
</main>
<script defer src="${escape(base)}error-page.js"></script>
</body>
</html>
`
}

function writeCause (problem: Problem, view: ErrorView): string {
  return `<section class="cause">
<h2><small>Caused by</small>${escape(problem.name)}: ${escape(problem.message.headline)}</h2>
${writeRest(problem)}${writeFrames(problem.frames, view)}
${problem.causes.map(cause => writeCause(cause, view)).join('\n')}
</section>`
}

function writeRest ({ message: { rest } }: Problem): string {
  return rest === '' ? '' : `<figure><pre class="message" tabindex="0">${escape(rest)}</pre></figure>\n`
}

function writeFrames (frames: readonly Frame[], view: ErrorView): string {
  const own = frames.filter(frame => frame.own)
  const others = frames.filter(frame => !frame.own)
  const hidden = others.length === 0 ? '' : `<details><summary>${others.length} more of Node.js and packages</summary><ol>${others.map(frame => `<li>${writeName(frame)}<code class="place">${escape(placeOf(frame))}</code></li>`).join('')}</ol></details>`
  return own.map(frame => writeFrame(frame, view)).join('\n') + hidden
}

function writeFrame (frame: Frame, { editor }: ErrorView): string {
  const { place, line, column, code } = frame
  const name = escape(placeOf(frame))
  const link = editor
    ? `<button type="button" class="place" data-file="${escape(place)}" data-line="${line}" data-column="${column}" title="Open in your editor">${name}</button>`
    : `<code class="place">${name}</code>`
  const rows = code.map(({ number, text }) => `<span class="row${number === line ? ' here' : ''}"><i>${number}</i>${escape(text)}\n</span>`).join('')
  return `<figure><figcaption>${writeName(frame)}${link}</figcaption>${rows === '' ? '' : `<pre tabindex="0"><code>${rows}</code></pre>`}</figure>`
}

function writeName ({ name }: Frame): string {
  return name === '' ? '' : `<span class="name">${escape(name)}</span> `
}

function placeOf ({ place, line, column }: Frame): string {
  return `${place}:${line}:${column}`
}
