// The table of open connections. On a narrow screen each row of it is a card.
import type { StatusMessage } from '../../../types/status-page.js'
import type { ClientInfo, TabCounts } from '../../../types/transport.js'
import { make } from '../page/dom.js'
import { age, count, duration, empty, NAMES, short } from './format.js'

const FACTS = [
  ['path', 'Page', 'Where the tab that has the connection was when it connected'],
  ['browser', 'Browser', 'As its User-Agent says'],
  ['transport', 'Transport', 'What carries its messages'],
  ['latency', 'Latency', 'There and back, by the last ping. A stream over HTTP/1.1 has none: the last change shown without a reload, and its report'],
  ['age', 'Age', 'Since it connected']
] as const
const COUNTS = [
  ['attempts', 'Attempts', 'Connections tried'],
  ['successes', 'Successes', 'Connections that were greeted'],
  ['failures', 'Failures', 'Connections that ended before they were greeted'],
  ['fallbacks', 'Fallbacks', 'Changes of transport'],
  ['reloads', 'Reloads', 'Reloads by the client'],
  ['updates', 'Updates', 'Changes shown without a reload']
] as const satisfies readonly (readonly [keyof TabCounts, string, string])[]
const UNKNOWN = '–'

/** `since`: milliseconds since the message came. */
export function connections ({ connections, clients, fallbacks, forced }: StatusMessage, since: number): Node[] {
  const fell = fallbacks.timeout + fallbacks.failed + fallbacks.forced
  const notes = [...forced === 'auto' ? [] : [`held to ${NAMES[forced]}`], ...fell > 0 ? [count(fell, 'fallback')] : []]
  const top = make('div', { class: 'top' }, make('h2', {}, 'Connections'), make('span', { class: 'note' }, notes.join(' · ')))
  if (clients === 0) return [top, empty('No tab is open. Tabs of one browser share one connection.')]
  const more = clients - connections.length
  return [
    top,
    make('table', {}, head(), make('tbody', {}, ...connections.map(one => row(one, since)))),
    make('p', { class: 'note' }, `${more > 0 ? `And ${more.toLocaleString('en')} more. ` : ''}Tabs of one browser share one connection. The tab that has it counts since it was opened.`)
  ]
}

function head (): HTMLElement {
  return make('thead', {}, make('tr', {}, ...[...FACTS.slice(0, -1), ...COUNTS, ...FACTS.slice(-1)].map(([name, text, title]) => make('th', { scope: 'col', class: name, title }, text))))
}

function row ({ transport, path, browser, latency, counts, age: old }: ClientInfo, since: number): HTMLElement {
  return make('tr', counts === undefined ? { class: 'bare' } : {},
    // A long address is cut off; the whole of it is in the title.
    make('td', { class: 'path', ...path !== undefined && { title: path } }, make('span', {}, path ?? UNKNOWN)),
    make('td', { class: 'browser' }, browser ?? UNKNOWN),
    make('td', { class: 'transport' }, NAMES[transport]),
    make('td', { class: 'latency' }, latency === undefined ? UNKNOWN : duration(latency)),
    ...COUNTS.map(([name, label]) => cell(name, label, counts?.[name])),
    make('td', { class: 'age' }, age(old + since)))
}

/** What is wrong stands out, zeros step back. */
function cell (name: string, label: string, value: number | undefined): HTMLElement {
  const kind = !value ? 'none' : name === 'failures' || name === 'fallbacks' ? 'odd' : ''
  return make('td', { class: `count ${kind}`, 'data-label': label }, value === undefined ? UNKNOWN : short(value))
}
