// How long to wait before a try: 50 ms at most at first, doubled up to 5 s, the upper half of it by chance.

const FIRST = 50
const LONGEST = 5000

/** `tries` failed in a row before this one. */
export function backoff (tries: number, chance = Math.random()): number {
  return Math.min(LONGEST, FIRST * 2 ** tries) * (0.5 + chance / 2)
}
