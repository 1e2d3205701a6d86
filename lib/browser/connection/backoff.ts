// Delay before the next try: at most 50 ms at first, doubled up to 5 s, with random jitter of one half.

const FIRST_DELAY_MS = 50
const MAX_DELAY_MS = 5000

/** Milliseconds to wait after `tries` failures in a row. `random`: 0 to 1. */
export function backoff (tries: number, random = Math.random()): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** tries) * (0.5 + random / 2)
}
