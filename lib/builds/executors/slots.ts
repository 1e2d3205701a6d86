// So many at a time; the rest wait in order.
export interface Slots {
  /** Settles with the function that gives the slot back. Rejects with the signal's reason, or what `close` was given. */
  take (signal?: AbortSignal): Promise<() => void>
  close (reason: () => Error): void
}

interface Waiter { go (): void, fail (reason: unknown): void }

export function createSlots (size: number): Slots {
  const waiting = new Set<Waiter>()
  let used = 0
  let closed: (() => Error) | undefined

  function free (): void {
    const [next] = waiting
    if (next === undefined) used--
    else next.go()
  }

  return {
    async take (signal) {
      signal?.throwIfAborted()
      if (closed !== undefined) throw closed()
      if (used < size) {
        used++
        return once(free)
      }
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiting.delete(waiter)
          signal?.removeEventListener('abort', abort)
        }
        const abort = () => waiter.fail(signal?.reason)
        const waiter: Waiter = {
          go () { leave(); resolve(once(free)) },
          fail (reason) { leave(); reject(reason) }
        }
        waiting.add(waiter)
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
    close (reason) {
      closed = reason
      for (const waiter of waiting) waiter.fail(reason())
    }
  }
}

function once (run: () => void): () => void {
  let done = false
  return () => {
    if (!done) run()
    done = true
  }
}
