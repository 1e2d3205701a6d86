// Pause before the next try: 100 ms at first, one percent longer each time, 2 s at most. So a server is found within a small part of the time it was away.

const FIRST_PAUSE_MS = 100
const GROWTH = 1.01
const MAX_PAUSE_MS = 2000

/** Milliseconds to wait after `tries` failures in a row: up to one half less by chance. `random`: 0 to 1. */
export function backoff (tries: number, random = Math.random()): number {
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * GROWTH ** tries) * (0.5 + random / 2)
}
