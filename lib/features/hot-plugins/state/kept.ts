// What outlives the versions of one plugin: `fastify.hot.data` and `fastify.hot.keep()`.
import type { Hot } from '../../../../types/hot-plugins.js'

interface Kept { readonly value: Promise<unknown>, dispose: ((value: never) => unknown) | undefined }

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
    this.#kept.set(key, { value, dispose })
    value.catch(() => this.#kept.delete(key))
    return value
  }

  /** Ends everything, once. What fails is reported and stops nothing. */
  async dispose (failed: (error: unknown, key: string) => void): Promise<void> {
    const all = [...this.#kept]
    this.#kept.clear()
    this.data = {}
    for (const [key, { value, dispose }] of all.reverse()) {
      try {
        await dispose?.(await value as never)
      } catch (error) {
        failed(error, key)
      }
    }
  }
}
