// What one document tells the next over a reload: for a minute, and once. Storage may be refused (sandboxed pages), or too small.
import type { ClientMetrics } from '../../types/client.js'

/** Of one element: what is to be put back, and by which of those who do. */
export type Item = readonly [kind: number, place: string, value: unknown]

export interface Memory {
  /** What the page was made from when it asked for the reload, and what it asked for. */
  readonly from: string
  readonly to: string
  /** When the message came, by the wall clock: the only one two documents share. */
  readonly came: number
  readonly metrics: ClientMetrics
  /** `undefined`: nothing was kept. */
  readonly items: readonly Item[] | undefined
  /** The page has an import map: no module before it. */
  readonly maps: boolean
}

const KEY = 'live-reload'
/** Milliseconds: a reload that takes longer was something else. */
const FRESH = 60_000

const address = () => location.href.replace(/#.*/, '')

/** False: `items` are refused, or all of it. */
export function remember (memory: Memory): boolean {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([address(), Date.now(), memory]))
    return true
  } catch {
    // The rest is short.
    if (memory.items) remember({ ...memory, items: undefined })
    return false
  }
}

/** Gives it back once. */
export function recall (): Memory | undefined {
  try {
    const text = sessionStorage.getItem(KEY)
    sessionStorage.removeItem(KEY)
    const [url, time, memory] = JSON.parse(text as string)
    // Who was led elsewhere has no use for what was in that page.
    if (Date.now() - time < FRESH) return url === address() ? memory : { ...memory, items: undefined }
  } catch {}
}
