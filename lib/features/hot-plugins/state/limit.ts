// Waits for code of others, and never for ever.

/** `ms`: 0 is no limit. What comes later is dropped. @throws what `promise` rejects with, or that it `did not` do what was asked */
export function within<T> (ms: number, promise: Promise<T>, didNot: string): Promise<T> {
  if (ms === 0) return promise
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${didNot} within ${Math.round(ms)} ms`)), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Several steps that share a time. */
export function share (ms: number): <T>(step: Promise<T>, didNot: string) => Promise<T> {
  const endsAt = performance.now() + ms
  return (step, didNot) => within(ms === 0 ? 0 : Math.max(1, endsAt - performance.now()), step, didNot)
}
