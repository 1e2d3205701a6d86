// A store that may hang, as a network disk does: whoever asks has an answer in time.
import type { ShardCache } from '../../../../types/shards.js'
import { within } from '../broker/within.js'

export class PromptStore implements ShardCache {
  readonly #store: ShardCache
  readonly #timeout: number
  /** Requests that were given up and are still under way. */
  #hanging = 0

  constructor (store: ShardCache, timeout: number) {
    this.#store = store
    this.#timeout = timeout
  }

  /** @throws Error when it takes too long, and at once while an earlier request still hangs: many in turn would add up */
  get (key: string): Promise<unknown> {
    return this.#ask(async () => await this.#store.get(key))
  }

  /** @throws Error as get() */
  async put (key: string, value: unknown): Promise<void> {
    await this.#ask(async () => await this.#store.put(key, value))
  }

  async #ask<T> (run: () => Promise<T>): Promise<T> {
    const late = `the store has not answered within ${this.#timeout} ms`
    if (this.#hanging > 0) throw new Error(late)
    const work = run()
    let isSettled = false
    work.catch(() => {}).finally(() => { isSettled = true })
    try {
      return await within(this.#timeout, late, work)
    } catch (error) {
      if (!isSettled) {
        this.#hanging++
        work.catch(() => {}).finally(() => { this.#hanging-- })
      }
      throw error
    }
  }
}
