// Handles that were replaced. Events may still be on their way to them: each stays open until they must have come.
import type { BackendHandle } from '../backends/backend.js'

/** Milliseconds; the native watcher holds events back for 500 at most. */
export const LINGER = 1000

export interface Retiring {
  add (handle: BackendHandle | undefined): void
  count (): number
  /** Settles when all are closed. */
  over (): Promise<unknown>
}

export function createRetiring (pause: (ms: number) => Promise<unknown>): Retiring {
  const closing = new Set<Promise<void>>()
  return {
    add (handle) {
      if (handle === undefined) return
      const over = pause(LINGER).then(handle.close).finally(() => closing.delete(over))
      closing.add(over)
    },
    count: () => closing.size,
    over: () => Promise.all(closing)
  }
}
