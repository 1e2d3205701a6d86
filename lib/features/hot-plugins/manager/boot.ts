// The first versions: registered while the app starts, they begin to serve when it is ready.
import type { Shared } from '../state/shared.js'
import type { Builder, Built } from '../swap/builder.js'
import type { Unit } from '../swap/unit.js'
import type { Version } from '../swap/version.js'
import type { Attempt, Journal } from './journal.js'
import type { Reloader } from './reloader.js'

export interface BootParts {
  readonly builder: Builder
  readonly reloader: Reloader
  readonly shared: Shared
  readonly journal: Journal
}

export class Boot {
  readonly #parts: BootParts
  readonly #built = new Map<Unit, Built & { readonly attempt: Attempt }>()

  constructor (parts: BootParts) {
    this.#parts = parts
  }

  /** Versions that never came to serve: the app closes before it was ready. */
  get versions (): Version[] { return [...this.#built.values()].map(({ version }) => version) }

  /** Runs a plugin; `addStubs` gives its routes their places. @throws what the plugin throws, with `strict` */
  async mount (unit: Unit, addStubs: (version: Version) => void): Promise<void> {
    const attempt = { changed: [], startedAt: performance.now() }
    try {
      const built = await this.#parts.builder.build(unit, true)
      await this.#parts.builder.check(built.version, async () => addStubs(built.version))
      this.#parts.shared.publish(unit.name, built.version.control.trade)
      this.#built.set(unit, { ...built, attempt })
    } catch (error) {
      await this.#fail(unit, attempt, error)
    }
  }

  /** All at once: one that never resolves must not use up the time of the others. */
  async ready (): Promise<void> {
    await Promise.all([...this.#built].map(([unit, built]) => this.#ready(unit, built)))
  }

  async #ready (unit: Unit, { version, module, loaded, attempt }: Built & { readonly attempt: Attempt }): Promise<void> {
    const { builder, reloader, journal } = this.#parts
    try {
      await builder.finish(version)
      // Somebody has asked for another, or for none, before the app was ready.
      if (!unit.isEnabled || unit.current !== undefined) return await version.end(unit.isEnabled ? 'reload' : 'disable', 0)
      loaded.commit()
      unit.swap(version, 'reload')
      reloader.settle(unit, module.meta)
      journal.load(unit, attempt)
    } catch (error) {
      await this.#fail(unit, attempt, error)
    } finally {
      this.#built.delete(unit)
    }
  }

  async #fail (unit: Unit, attempt: Attempt, error: unknown): Promise<void> {
    await this.#parts.reloader.fail(unit, attempt, error)
    if (unit.settings.strict) throw error
  }
}
