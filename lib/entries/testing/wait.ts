// Waiting with a deadline, in a suite that runs under any test runner.

/** What a test waits at most, unless it says otherwise. */
export const TIMEOUT_MS = 10_000

/** What a test runner gives: `test` of node:test, tap or vitest. */
export interface Runner {
  test (name: string, run: () => Promise<void>): unknown
}

/** Settles with the promise, or rejects when that takes too long. */
export async function within<T> (ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms) })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Settles when `probe` is true, looked at every few milliseconds. */
export async function until (probe: () => boolean, what: string, ms: number): Promise<void> {
  const end = performance.now() + ms
  while (!probe()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
