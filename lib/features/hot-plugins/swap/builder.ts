// Builds versions: loads the newest code of a plugin, and runs it aside.
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../../shared/clock.js'
import type { Factory } from '../graft/factory.js'
import { pluginTimeoutOf, type Internals } from '../graft/internals.js'
import { inherit, Shadow, type GraftParts } from '../graft/shadow.js'
import type { Loaded, Loader } from '../load/loader.js'
import { readPlugin, type PluginModule } from '../plain/plugin-module.js'
import { createHot } from '../state/hot.js'
import type { Shared } from '../state/shared.js'
import { within } from '../state/limit.js'
import type { Unit } from './unit.js'
import { Version } from './version.js'

export interface BuilderParts {
  readonly app: FastifyInstance
  readonly factory: Factory
  readonly internals: Internals
  readonly loader: Loader
  readonly shared: Shared
  readonly clock: Clock
  warn (text: string): void
  onError (error: unknown, text: string): void
}

/** A version that was built and does not serve yet. */
export interface Built {
  readonly version: Version
  readonly module: PluginModule
  readonly loaded: Loaded
}

/** Of the time that Fastify gives the plugin that registers all of these. */
const BOOT_SHARE = 0.8
const MIN_BOOT_SHARE = 0.05

export class Builder {
  readonly #parts: BuilderParts
  readonly #startedAt: number
  readonly #warned = new Set<string>()

  constructor (parts: BuilderParts) {
    this.#parts = parts
    this.#startedAt = parts.clock.now()
  }

  /** Loads and runs the plugin. What fails is ended, with the reason `failed`. */
  async build (unit: Unit, isFirst: boolean): Promise<Built> {
    const { loader, shared, onError, clock } = this.#parts
    const number = ++unit.tried
    const loaded = await within(this.#limit(isFirst), loader.load(unit.file.file), 'its code did not load')
    const module = readPlugin(unit.file, loaded.namespace)
    this.#warnOnce(unit, module)
    const graft = this.#graft(isFirst)
    unit.inheritance ??= inherit(graft)
    const control = createHot(unit.name, number, unit.state, shared)
    unit.used = control.trade.used
    const version = new Version({
      graft,
      inheritance: unit.inheritance,
      control,
      isFirst,
      clock,
      endTimeout: this.#timeout,
      failedTimeout: isFirst ? Math.ceil(MIN_BOOT_SHARE * this.#timeout) : this.#timeout,
      onError: (error, what) => onError(error, `${unit.name} v${number}: ${what} failed`)
    })
    await this.check(version, () => version.register(module, unit.settings.options))
    return { version, module, loaded }
  }

  /** Runs `onReady`, if `check` has nothing against it. */
  async finish (version: Version, check: () => void = () => {}): Promise<void> {
    await this.check(version, async () => {
      check()
      await version.ready()
    })
  }

  /** Ends the version when the step fails. */
  async check (version: Version, step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      await version.end('failed', 0)
      throw error
    }
  }

  /** Answers as the app answers what it does not know: for routes that no version has any more. */
  async createAbsent (): Promise<Shadow> {
    const graft = this.#graft(false)
    const shadow = new Shadow(graft, inherit(graft), true)
    await shadow.ready()
    return shadow
  }

  #graft (isFirst: boolean): GraftParts {
    const { app, factory, internals } = this.#parts
    return { app, factory, internals, pluginTimeout: this.#limit(isFirst) }
  }

  /** Milliseconds; 0: forever. */
  get #timeout (): number {
    return pluginTimeoutOf(this.#parts.app, this.#parts.internals)
  }

  /** While the app starts, a plugin that never resolves must be given up before Fastify gives up the whole app. */
  #limit (isFirst: boolean): number {
    const timeout = this.#timeout
    return Math.ceil(isFirst ? Math.max(MIN_BOOT_SHARE * timeout, BOOT_SHARE * timeout - (this.#parts.clock.now() - this.#startedAt)) : timeout)
  }

  #warnOnce ({ name }: Unit, { skipsScope }: PluginModule): void {
    if (!skipsScope || this.#warned.has(name)) return
    this.#warned.add(name)
    this.#parts.warn(`${name} is made with fastify-plugin, which decorates the app; a hot plugin has a scope of its own, so that nothing outside of it sees what it decorates. Share by fastify.hot.provide() instead`)
  }
}
