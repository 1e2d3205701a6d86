// Waiting for something to become true, with a deadline: no test sleeps and hopes that it has become true meanwhile.

/** Milliseconds until it looks again, at least and at most. */
const [SHORTEST, LONGEST] = [5, 50]

/**
 * Settles with the first truthy value of `probe`, looked at every few milliseconds and never longer than `deadline`. A probe
 * that takes longer, as one that asks a page, is followed by as long a pause: what it waits for needs the processor, too.
 */
export async function until<T> (probe: () => T | Promise<T>, what: string, deadline = 20_000): Promise<NonNullable<T>> {
  const end = performance.now() + deadline
  for (;;) {
    const asked = performance.now()
    const value = await probe()
    if (value) return value
    const now = performance.now()
    if (now > end) throw new Error(`not within ${deadline} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, Math.min(Math.max(SHORTEST, now - asked), LONGEST)))
  }
}
