// The open handle of a root: opened with retries, replaced without losing events.
import type { BackendHandle } from '../backends/backend.js'
import { systemCode } from '../backends/limits.js'

/** A replaced handle stays open for this long. Events may still be on their way to it: the native watcher delays them by 500 ms at most. */
const CLOSE_DELAY_MS = 1000
/** Opening a root while directories in it come and go fails every other time. */
const MAX_ATTEMPTS = 25
/** Replaced handles that may wait for their end before reopening slows down. */
const MAX_WAITING_HANDLES = 2
const [MIN_REOPEN_PAUSE_MS, MAX_REOPEN_PAUSE_MS] = [10, 2000]
/** The pause between attempts grows by this each time. */
const PAUSE_STEP_MS = 4

export class RootHandle {
  readonly #sleep: (ms: number) => Promise<void>
  readonly #replaced = new Set<Promise<void>>()
  #current: BackendHandle | undefined

  constructor (sleep: (ms: number) => Promise<void>) {
    this.#sleep = sleep
  }

  get isOpen (): boolean { return this.#current !== undefined }

  /** How long to wait before the next opening. A tree in turmoil is opened again and again: most of the time belongs to others. */
  reopenPause (took: number): number {
    if (this.#replaced.size > MAX_WAITING_HANDLES) return CLOSE_DELAY_MS / 2
    return Math.min(2 * took + MIN_REOPEN_PAUSE_MS, MAX_REOPEN_PAUSE_MS)
  }

  /** @throws the last error of `open`; at once when it is not about a vanished path, or `shouldRetry` says no */
  async replace (open: () => Promise<BackendHandle>, shouldRetry: () => boolean): Promise<void> {
    const old = this.#current
    this.#current = await this.#retry(open, shouldRetry)
    if (old === undefined) return
    const closed = this.#sleep(CLOSE_DELAY_MS).then(old.close).finally(() => this.#replaced.delete(closed))
    this.#replaced.add(closed)
  }

  async drop (): Promise<void> {
    const old = this.#current
    this.#current = undefined
    await old?.close()
  }

  async close (): Promise<void> {
    await Promise.all([this.drop(), ...this.#replaced])
  }

  async #retry (open: () => Promise<BackendHandle>, shouldRetry: () => boolean, attempt = 1): Promise<BackendHandle> {
    try {
      return await open()
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || attempt === MAX_ATTEMPTS || !shouldRetry()) throw error
    }
    await this.#sleep(PAUSE_STEP_MS * attempt)
    return await this.#retry(open, shouldRetry, attempt + 1)
  }
}
