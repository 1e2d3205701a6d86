// Waiting for something to become true, with a deadline: no test sleeps and hopes that it has become true meanwhile.

/** Settles with the first truthy value of `probe`, looked at every few milliseconds and never longer than `deadline`. */
export async function until<T> (probe: () => T | Promise<T>, what: string, deadline = 20_000): Promise<NonNullable<T>> {
  const end = performance.now() + deadline
  for (;;) {
    const value = await probe()
    if (value) return value
    if (performance.now() > end) throw new Error(`not within ${deadline} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
