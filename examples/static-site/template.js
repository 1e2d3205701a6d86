// Writes the HTML around a page. It needs no script: the menu on small screens is a popover of the browser.
import { escape } from './highlight.js'
import { relative } from './markdown.js'

const often = ['getting-started.md', 'options.md', 'protocol.md', 'troubleshooting.md']

const link = (from, page, label, attributes = '') =>
  `<a href="${relative(from.output, page.output)}"${attributes}>${label}</a>`

const sidebar = (page, sections) => sections.map(({ title, pages }) => `
      <h2>${escape(title)}</h2>
      <ul>${pages.map(item => `
        <li>${link(page, item, escape(item.label), item === page ? ' aria-current="page"' : '')}</li>`).join('')}
      </ul>`).join('')

const contents = headings => headings.length < 3
  ? ''
  : `
    <nav class="contents" aria-label="On this page">
      <h2>On this page</h2>
      <ul>${headings.map(({ tag, id, text }) => `
        <li class="${tag}"><a href="#${id}">${escape(text)}</a></li>`).join('')}
      </ul>
    </nav>`

const pager = (page, previous, next) => `
      <nav class="pager" aria-label="Pages">
        ${previous === undefined ? '<span></span>' : link(page, previous, `<small>Previous</small>${escape(previous.label)}`, ' rel="prev"')}
        ${next === undefined ? '<span></span>' : link(page, next, `<small>Next</small>${escape(next.label)}`, ' rel="next"')}
      </nav>`

const shortcuts = (page, pages) => `
    <nav class="shortcuts" aria-label="Often needed">${pages.filter(({ source }) => often.includes(source)).map(item => `
      ${link(page, item, escape(item.label), item === page ? ' aria-current="page"' : '')}`).join('')}
    </nav>`

const hero = (page, base, start) => `
      <section class="hero">
        <div>
          <h1>Save a file.<br><em>Every open tab</em> shows it.</h1>
          <p class="lead">${page.lead}</p>
          <pre class="install" tabindex="0"><code><span aria-hidden="true">$ </span>npm install fastify-live-reload</code></pre>
          ${start === undefined ? '' : link(page, start, 'Get started', ' class="button"')}
          <a class="button quiet" href="#how-it-works">How it works</a>
        </div>
        <img src="${base}assets/hero.svg" width="520" height="400" alt="An editor on the left sends a pulse to a browser window on the right">
      </section>`

/** Returns a whole document. */
export function render (page, { sections, pages, version }) {
  const at = pages.indexOf(page)
  const base = relative(page.output, 'x').slice(0, -1)
  const home = page.output === 'index.html'
  const headings = page.headings.filter(({ tag }) => tag === 'h2' || (tag === 'h3' && !home))
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">${page.source === '404.md' ? '\n  <base href="/">' : ''}
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${home ? 'fastify-live-reload' : `${escape(page.title)} · fastify-live-reload`}</title>
  <link rel="icon" href="${base}assets/logo.svg" type="image/svg+xml">
  <link rel="stylesheet" href="${base}assets/style.css">
</head>
<body${home ? ' class="home"' : ''}>
  <a class="skip" href="#main">Skip to the text</a>
  <header>
    <button type="button" class="menu" popovertarget="sidebar" aria-label="Menu"><span></span></button>
    <a class="brand" href="${relative(page.output, 'index.html')}"><img src="${base}assets/logo.svg" width="28" height="28" alt="">fastify-live-reload</a>
    <span class="version">${escape(version)}</span>${shortcuts(page, pages)}
  </header>
  <div class="frame">
    <nav id="sidebar" class="sidebar" popover aria-label="Documentation">${sidebar(page, sections)}
    </nav>
    <main id="main">${home ? hero(page, base, pages[1]) : ''}
      <article>
${page.html(home ? 6 : 0)}      </article>${at === -1 ? '' : pager(page, pages[at - 1], pages[at + 1])}
      <footer>MIT licensed. These pages are built and served by <code>examples/static-site</code>${at === -1 ? '' : `: edit <code>${escape(page.path)}</code> and watch this tab`}.</footer>
    </main>${contents(headings)}
  </div>
</body>
</html>
`
}
