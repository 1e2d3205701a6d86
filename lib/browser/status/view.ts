// What the page shows, from one message: pure functions of it that give elements. Text is text, whatever a builder printed.
import type { Diagnostic } from '../../../types/build.js'
import type { BuildStatus } from '../../../types/message.js'
import type { StatusMessage } from '../../../types/status-page.js'
import { make } from '../page/dom.js'
import { chart, latency } from './chart.js'
import { buildName, count, duration, empty, median, split } from './format.js'

type Kind = 'good' | 'warn' | 'bad' | ''

export interface Headline {
  readonly kind: Kind
  readonly text: string
}

const WATCH: Readonly<Record<StatusMessage['watch']['state'], readonly [Kind, string]>> = {
  ok: ['good', 'Watching'],
  polling: ['warn', 'Polling'],
  degraded: ['warn', 'Watching, with gaps'],
  failed: ['bad', 'Not watching']
}
const BUILD: Readonly<Record<BuildStatus['state'], readonly [Kind, string]>> = {
  idle: ['', 'not built'],
  started: ['warn', 'building'],
  failed: ['bad', 'failed'],
  ok: ['good', 'ok']
}

const buildsOf = ({ builds }: StatusMessage) => Object.entries(builds)
const failedOf = (status: StatusMessage) => buildsOf(status).filter(([, { state }]) => state === 'failed')

export function problemsOf (status: StatusMessage): (Diagnostic & { readonly build: string })[] {
  return buildsOf(status).flatMap(([build, { diagnostics = [] }]) => diagnostics.map(one => ({ ...one, build })))
}

export function headline (status: StatusMessage): Headline {
  const failed = failedOf(status)
  const [kind, text] = WATCH[status.watch.state]
  if (kind === 'bad') return { kind, text }
  if (failed.length > 0) return { kind: 'bad', text: failed.length === 1 ? `${buildName(failed[0]?.[0])} failed` : `${failed.length} builds failed` }
  if (status.paused) return { kind: '', text: 'Paused' }
  if (buildsOf(status).some(([, { state }]) => state === 'started')) return { kind: 'warn', text: 'Building' }
  return { kind, text }
}

export function tiles (status: StatusMessage): HTMLElement {
  const { transports: { ws, sse }, clients, watch, saves } = status
  const shown = saves.flatMap(save => latency(save) ?? [])
  const middle = median(shown)
  const [value, unit] = middle === undefined ? ['–', ''] : split(middle)
  const builds = buildsOf(status)
  const failed = failedOf(status).length
  const last = saves.find(({ built }) => built !== undefined)
  return make('dl', { class: 'tiles' },
    tile('Connections', clients.toLocaleString('en'), '', clients === 0 ? 'no tab is open' : `${ws} WebSocket · ${sse} SSE`),
    tile('From save to screen', value, unit, shown.length === 0 ? 'no tab has shown a change yet' : `median of ${shown.length} · last ${duration(shown[0] as number)}`),
    tile('Builds', builds.length === 0 ? '–' : failed > 0 ? `${failed} failed` : `${builds.length} ok`, '', last ? `last took ${duration((last.built as number) - (last.started as number))}` : builds.length === 0 ? 'none is set up' : 'none has run', failed > 0 ? 'bad' : ''),
    tile('Watched', watch.files.toLocaleString('en'), watch.files === 1 ? 'file' : 'files', watch.state === 'ok' ? `${count(watch.roots.length, 'root')}, native events` : watch.state, watch.state === 'failed' ? 'bad' : ''))
}

function tile (title: string, value: string, unit: string, more: string, kind: Kind = ''): HTMLElement {
  return make('div', { class: `tile ${kind}` }, make('dt', {}, title), make('dd', { class: 'value' }, value, make('span', { class: 'unit' }, unit)), make('dd', { class: 'more' }, more))
}

export function latencies ({ saves, now }: StatusMessage): Node[] {
  const [legend, rows] = chart(saves, Date.now() - now) as [Node, Node]
  return [
    make('div', { class: 'top' }, make('h2', {}, 'Latest saves'), legend),
    saves.length > 0 ? rows : empty('Save a file, and see here how long each step took.')
  ]
}

/** `open`: opens a place in the editor. */
export function problems (status: StatusMessage, open: (place: object) => void): Node[] {
  const all = problemsOf(status)
  return [
    make('div', { class: 'top' }, make('h2', {}, 'Problems'), make('span', { class: 'note' }, count(all.length, 'message'))),
    make('ul', {}, ...all.map(({ severity, message, file, line, column, frame, build }) => make('li', { class: 'problem' },
      make('span', { class: `tag ${severity === 'error' ? 'bad' : 'warn'}` }, severity),
      make('span', { class: 'place' }, file === undefined ? build : `${build} · `),
      ...file === undefined ? [] : [placeOf({ file, line, column }, status.editor ? open : undefined)],
      make('div', { class: 'message' }, message),
      ...frame === undefined ? [] : [make('div', { class: 'frame', tabindex: '0' }, frame)])))
  ]
}

function placeOf ({ file, line, column }: { file: string, line: number | undefined, column: number | undefined }, open?: (place: object) => void): HTMLElement {
  const text = [file, line, column].filter(part => part !== undefined).join(':')
  if (open === undefined) return make('span', { class: 'place' }, text)
  const button = make('button', { type: 'button', class: 'place', title: 'Open in your editor' }, text)
  button.addEventListener('click', () => open({ file, line, column }))
  return button
}

export function builds (status: StatusMessage): Node[] {
  const all = buildsOf(status)
  return [
    make('div', { class: 'top' }, make('h2', {}, 'Builds')),
    all.length === 0
      ? empty('No build is set up: files are served as they are.')
      : make('ul', {}, ...all.flatMap(([name, { state, ms, counts }]) => {
        const [kind, text] = BUILD[state]
        const row = make('li', { class: 'row' }, make('span', { class: 'name' }, name), history(status, name), make('span', { class: 'ms' }, ms === undefined ? '' : duration(ms)), make('span', { class: `pill ${kind}` }, text))
        return counts === undefined ? [row] : [row, make('li', { class: 'note' }, `${count(counts.pages, 'page')}${tally(counts.byKind)} · ${count(counts.files, 'file')}${tally(counts.byFormat)}`)]
      }))
  ]
}

/** ` (1,692 content, 258 tags)`; nothing when there is one kind. */
function tally (counts: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(counts)
  return kinds.length < 2 ? '' : ` (${kinds.map(([kind, many]) => `${many.toLocaleString('en')} ${kind}`).join(', ')})`
}

/** The last builds of one pipeline, the newest at the right. */
function history ({ saves }: StatusMessage, build: string): HTMLElement {
  const runs = saves.flatMap(({ name, started, built, state }) => name === build && started !== undefined && built !== undefined ? [{ ms: built - started, state }] : []).slice(0, 20).reverse()
  const most = Math.max(1, ...runs.map(({ ms }) => ms))
  return make('span', { class: 'history', 'aria-hidden': 'true' }, ...runs.map(({ ms, state }) => {
    const bar = make('i', { class: state, title: duration(ms) })
    bar.style.height = `${Math.round(100 * ms / most)}%`
    return bar
  }))
}

export function watching ({ watch: { state, reason, roots, files } }: StatusMessage): Node[] {
  const [kind, text] = WATCH[state]
  return [
    make('div', { class: 'top' }, make('h2', {}, 'Watch'), make('span', { class: `pill ${kind}` }, text)),
    ...reason === undefined ? [] : [make('p', { class: 'message' }, reason)],
    make('ul', {}, ...roots.map(root => make('li', { class: 'row root' }, root))),
    ...roots.length === 0 ? [empty('Nothing is watched: set root, watch or build.')] : [make('p', { class: 'note' }, count(files, 'file'))]
  ]
}
