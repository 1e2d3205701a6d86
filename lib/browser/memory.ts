// What one document tells the next over a reload. Storage may be refused (sandboxed pages): then nothing is told.
import type { ClientMetrics } from '../../types/client.js'

export interface Memory {
  /** What the page was made from when it asked for the reload, and what it asked for. */
  readonly from: string
  readonly to: string
  /** When the message came, by the wall clock: the only one two documents share. */
  readonly came: number
  readonly metrics: ClientMetrics
  /** There is more to be put back. */
  readonly kept: boolean
  /** The page has an import map: no module before it. */
  readonly maps: boolean
}

const KEY = 'live-reload'

export function remember (memory: Memory): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(memory))
  } catch {}
}

/** Gives it back once. */
export function recall (): Memory | undefined {
  try {
    const text = sessionStorage.getItem(KEY)
    sessionStorage.removeItem(KEY)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
