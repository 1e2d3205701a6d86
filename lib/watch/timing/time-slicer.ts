// Runs looks at the disk in slices, so that a large tree never holds up the event loop. A small one is done before the call returns.

/** Milliseconds of work before others get a turn. */
const SLICE = 5

export interface Passes {
  /** A first slice runs at once. Settles when the last has run. */
  run (steps: Iterator<unknown>, burst?: boolean): Promise<void>
  close (): void
}

export interface PassHooks {
  begin (burst: boolean): void
  end (burst: boolean): void
  failed (error: unknown): void
}

export function createPasses ({ begin, end, failed }: PassHooks): Passes {
  let closed = false
  const isClosed = (): boolean => closed

  /** @returns whether the work is over */
  function slice (steps: Iterator<unknown>): boolean {
    const until = performance.now() + SLICE
    try {
      while (!isClosed()) {
        if (steps.next().done) return true
        if (performance.now() > until) return false
      }
    } catch (error) {
      failed(error)
    }
    return true
  }

  async function rest (steps: Iterator<unknown>): Promise<void> {
    do await new Promise(resolve => setImmediate(resolve))
    while (!slice(steps))
  }

  return {
    async run (steps, burst = false) {
      if (closed) return
      begin(burst)
      if (!slice(steps)) await rest(steps)
      end(burst)
    },
    close () {
      closed = true
    }
  }
}
