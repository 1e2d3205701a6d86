// Entry of `status.js`, the status page: polls the status, draws it, and sends what its buttons ask for.
import type { Transport } from '../../../types/transport.js'
import type { StatusMessage } from '../../../types/status-page.js'
import { make } from '../page/dom.js'
import { STYLE } from './style.js'
import { connections } from './connections.js'
import { builds, headline, latencies, problems, problemsOf, tiles, watching } from './view.js'
import { age, count, NAMES } from './format.js'
import { plugins } from './plugins.js'

const script = document.currentScript as HTMLScriptElement
const { epoch = '', token = '' } = script.dataset
const base = script.src
const POLL_INTERVAL_MS = 500

const style = new CSSStyleSheet()
style.replaceSync(STYLE)
document.adoptedStyleSheets = [style]

const pill = make('span', { class: 'pill', role: 'status' }, 'Connecting')
const about = make('span', { class: 'about' })
const answer = make('span', { class: 'answer', role: 'status' })
const parts = { tiles: make('div'), problems: make('section'), saves: make('section'), builds: make('section'), plugins: make('section'), connections: make('section'), watch: make('section') }
let status: StatusMessage | undefined
/** When the status came, by the clock of `performance`. */
let receivedAt = 0

const reload = button('Reload all', 'main', () => post({ action: 'reload' }))
const build = button('Rebuild', '', () => post({ action: 'build' }))
const pause = button('Pause', '', () => post({ action: status?.paused ? 'resume' : 'pause' }))
const force = button('Force fallback', '', () => post({ action: 'transport', transport: other() }))
const buttons = [reload, build, pause, force]

function button (text: string, name: string, act: () => void): HTMLButtonElement {
  const element = make('button', { type: 'button', class: name }, text)
  element.addEventListener('click', act)
  return element
}

/** The transport that fewer tabs use. */
function other (): Transport {
  return status && status.transports.sse > status.transports.ws ? 'ws' : 'sse'
}

async function post (body: object, route = 'control') {
  answer.textContent = ''
  try {
    const response = await fetch(new URL(`${route}?${new URLSearchParams({ token })}`, base), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    const text = await response.text()
    // The editor's route answers with a sentence, whatever came of it.
    answer.textContent = route === 'open' ? JSON.parse(text).message : response.ok ? '' : text
  } catch {
    answer.textContent = 'The server does not answer.'
  }
}

/** What each element shows. Only what differs is replaced, to keep selections and the focus. */
const shown = new Map<HTMLElement, string>()
function fill (element: HTMLElement, key: unknown, make: () => Node[]) {
  const text = JSON.stringify(key)
  if (shown.get(element) === text) return
  shown.set(element, text)
  element.replaceChildren(...make())
}

function draw () {
  if (!status) return
  const now = status
  const since = performance.now() - receivedAt
  const { kind, text } = headline(now)
  const errors = problemsOf(now).filter(({ severity }) => severity === 'error').length
  document.title = errors > 0 ? `${count(errors, 'error')} · Live reload` : `${text} · Live reload`
  document.body.className = ''
  pill.className = `pill ${kind}`
  if (pill.textContent !== text) pill.textContent = text
  about.textContent = `change ${now.seq} · up ${age(now.uptime + since)}`
  for (const each of buttons) each.disabled = false
  build.disabled = Object.keys(now.builds).length === 0
  pause.textContent = now.paused ? 'Resume' : 'Pause'
  force.disabled = now.forced !== 'auto' || now.clients === 0
  force.title = now.forced === 'auto' ? `Asks all tabs to go on by ${NAMES[other()]}` : 'client.transport leaves tabs no choice'
  force.textContent = `Force fallback to ${NAMES[other()]}`

  const problem = problemsOf(now)
  parts.problems.hidden = problem.length === 0
  fill(parts.problems, problem, () => problems(now, place => post(place, 'open')))
  fill(parts.tiles, { ...now, now: 0, uptime: 0, connections: 0 }, () => [tiles(now)])
  fill(parts.saves, now.saves, () => latencies(now))
  fill(parts.builds, [now.builds, now.saves], () => builds(now))
  parts.plugins.hidden = now.plugins === undefined
  fill(parts.plugins, now.plugins ?? 0, () => now.plugins === undefined ? [] : plugins(now.plugins, post))
  fill(parts.connections, [now.connections, now.clients, now.fallbacks, Math.floor(since / 1000)], () => connections(now, since))
  fill(parts.watch, now.watch, () => watching(now))
}

function onLost () {
  pill.className = 'pill bad'
  pill.textContent = 'Not connected'
  document.title = 'Not connected · Live reload'
  document.body.className = 'stale'
  for (const each of buttons) each.disabled = true
}

/** A restarted server refuses the old token. Reloading the page brings the new one. */
async function poll () {
  try {
    const response = await fetch(new URL(`status?${new URLSearchParams({ token })}`, base), { cache: 'no-store' })
    if (!response.ok) throw new Error(String(response.status))
    const now = await response.json() as StatusMessage
    if (now.epoch !== epoch) return location.reload()
    status = now
    receivedAt = performance.now()
    draw()
  } catch {
    status = undefined
    onLost()
    if (await isRestarted()) return location.reload()
  }
  setTimeout(poll, POLL_INTERVAL_MS)
}

async function isRestarted () {
  try {
    const response = await fetch(new URL('health', base), { cache: 'no-store' })
    return (await response.json()).epoch !== epoch
  } catch {
    return false
  }
}

document.body.replaceChildren(
  make('header', {}, make('h1', {}, 'Live reload'), pill, about),
  make('div', { class: 'actions' }, ...buttons, answer),
  make('main', {}, parts.tiles, parts.problems, parts.saves, make('div', { class: 'columns' }, make('div', {}, parts.builds, parts.plugins), parts.watch), parts.connections)
)
parts.problems.hidden = parts.plugins.hidden = true
for (const each of buttons) each.disabled = true
setInterval(draw, 1000)
poll()
