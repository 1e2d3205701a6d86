// What outlives the versions of one plugin: `fastify.hot.data` and `fastify.hot.keep()`.
import { within } from './limit.js'
import type { Hot } from '../../../../types/hot-plugins.js'

interface Kept { readonly value: Promise<unknown>, isPending: boolean, dispose: ((value: never) => unknown) | undefined }

export class PluginState {
  data: Hot['data'] = {}
  readonly #kept = new Map<string, Kept>()

  /** Makes the value once. A `create` that failed is called again by the next who asks. */
  async keep<T> (key: string, create: () => T | Promise<T>, dispose?: (value: T) => unknown): Promise<T> {
    const known = this.#kept.get(key)
    if (known !== undefined) {
      // The newest code knows best how to end it.
      if (dispose !== undefined) known.dispose = dispose
      return known.value as Promise<T>
    }
    const value = (async () => create())()
    const kept: Kept = { value, isPending: true, dispose }
    this.#kept.set(key, kept)
    value.then(() => { kept.isPending = false }, () => { if (this.#kept.get(key) === kept) this.#kept.delete(key) })
    return value
  }

  /** Whoever asks next makes anew what is not there yet. Should it come after all, it is ended. */
  forgetPending (failed: (error: unknown, key: string) => void): void {
    for (const [key, kept] of this.#kept) {
      if (!kept.isPending) continue
      this.#kept.delete(key)
      kept.value.then(value => kept.dispose?.(value as never)).catch(error => failed(error, key))
    }
  }

  /** Ends everything, once. What fails, or takes longer than `timeout` milliseconds, is reported and stops nothing. */
  async dispose (failed: (error: unknown, key: string) => void, timeout = 0): Promise<void> {
    const all = [...this.#kept]
    this.#kept.clear()
    this.data = {}
    for (const [key, { value, dispose }] of all.reverse()) {
      try {
        await within(timeout, (async () => dispose?.(await value as never))(), 'it did not end')
      } catch (error) {
        failed(error, key)
      }
    }
  }
}
