// Runs scans in slices, so that a large tree never blocks the event loop for long. A small one is done before the call returns.

/** Time a scan may take before others get their turn. */
const SLICE_MS = 5

export interface TimeSlicerSettings {
  onBegin (burst: boolean): void
  onEnd (burst: boolean): void
  onError (error: unknown): void
}

export class TimeSlicer {
  readonly #settings: TimeSlicerSettings
  #closed = false

  constructor (settings: TimeSlicerSettings) {
    this.#settings = settings
  }

  /** Runs the first slice at once. Settles when the last has run. `burst` says that many paths are compared. */
  async run (steps: Iterator<unknown>, burst = false): Promise<void> {
    if (this.#closed) return
    this.#settings.onBegin(burst)
    while (!this.#runSlice(steps)) await new Promise(resolve => setImmediate(resolve))
    this.#settings.onEnd(burst)
  }

  close (): void {
    this.#closed = true
  }

  /** Returns true when nothing is left to do. */
  #runSlice (steps: Iterator<unknown>): boolean {
    const until = performance.now() + SLICE_MS
    try {
      while (!this.#closed) {
        if (steps.next().done) return true
        if (performance.now() > until) return false
      }
    } catch (error) {
      this.#settings.onError(error)
    }
    return true
  }
}
