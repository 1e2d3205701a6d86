// Time as a parameter: what waits takes a clock, and a test moves one by hand.

export interface Clock {
  /** Milliseconds since an arbitrary moment; never goes backwards. */
  now (): number
  /** Calls `run` once, `ms` milliseconds from now. Returns a function that cancels it. Does not keep the process alive. */
  after (ms: number, run: () => void): () => void
}

export const clock: Clock = {
  now: () => performance.now(),
  after (ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  }
}
