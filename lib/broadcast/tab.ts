// What is known of the tab behind a connection: what it said when it connected, and what it has told since. All of it is for people.
import type { IncomingHttpHeaders } from 'node:http'
import type { PageMessage, ServerMessage } from '../../types/message.js'
import type { TabCounts } from '../../types/transport.js'
import { paramsOf } from '../shared/own-routes.js'
import { nameBrowser } from './browser-name.js'

/** What a client says of itself when it connects. */
export interface TabFacts {
  /** Tells the document from others that are open. Its posts carry the same. */
  readonly id?: string | undefined
  /** Path of its URL. */
  readonly path?: string | undefined
  readonly browser?: string | undefined
  /** What the page had counted before it was greeted. */
  readonly counts?: TabCounts | undefined
}

const MAX_PATH_LENGTH = 200
const COUNTS = ['attempts', 'successes', 'failures', 'fallbacks', 'reloads', 'updates'] as const satisfies readonly (keyof TabCounts)[]

/** One line of limited length each, or nothing: a client may say anything. */
export function readTab ({ url, headers }: { readonly url: string, readonly headers: IncomingHttpHeaders }): TabFacts {
  const param = paramsOf(url)
  const [path, id] = [param('path'), param('tab')]
  return {
    id: id !== undefined && /^[\w.-]{1,40}$/.test(id) ? id : undefined,
    path: path !== undefined && /^\/[\x21-\x7e]*$/.test(path) ? path.slice(0, MAX_PATH_LENGTH) : undefined,
    browser: nameBrowser(headers['user-agent']),
    counts: readCounts(param)
  }
}

function readCounts (param: (name: string) => string | undefined): TabCounts | undefined {
  const counts = COUNTS.map(name => [name, param(name) ?? ''] as const)
  if (!counts.every(([, value]) => /^\d{1,9}$/.test(value))) return undefined
  return Object.fromEntries(counts.map(([name, value]) => [name, Number(value)])) as unknown as TabCounts
}

/** Follows the messages of one connection. The caller brings the time. */
export class Tab {
  readonly #counts: { -readonly [name in keyof TabCounts]: TabCounts[name] } | undefined
  /** The newest change, and how many the tab has been sent since it spoke of one. */
  #seq = 0
  #sentAt = 0
  #unanswered = 0
  #latency: number | undefined

  /** `counts`: before the greeting, which makes this try a success. */
  constructor (counts: TabCounts | undefined) {
    this.#counts = counts && { ...counts, successes: counts.successes + 1 }
  }

  get counts (): TabCounts | undefined { return this.#counts && { ...this.#counts } }

  /** Milliseconds that a change took to the page and its report back, without what the page did in between. */
  get latency (): number | undefined { return this.#latency }

  sent (message: ServerMessage, now: number): void {
    if (message.type !== 'update') return
    this.#seq = message.seq
    this.#sentAt = now
    this.#unanswered++
  }

  heard (message: PageMessage, now: number): void {
    if (this.#counts !== undefined && message.type === 'fallback') this.#counts.fallbacks++
    if (message.type !== 'applied') return
    if (this.#counts !== undefined) this.#counts[message.kind === 'reload' ? 'reloads' : 'updates']++
    // A page that gathers several changes counts from the first one, so a report of more than one tells nothing.
    if (message.kind === 'update' && message.seq === this.#seq && this.#unanswered === 1) this.#latency = Math.max(0, now - this.#sentAt - message.ms)
    this.#unanswered = 0
  }
}
