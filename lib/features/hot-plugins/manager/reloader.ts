// What is done to one plugin: a new version takes over, or the old one goes on and the reason is told; an end.
import { tracingChannel } from 'node:diagnostics_channel'
import { resolve } from 'node:path'
import type { HotReason } from '../../../../types/hot-plugins.js'
import { errors } from '../../../errors.js'
import { isWithin } from '../../../shared/paths.js'
import type { RouteTable } from '../dispatch/route-table.js'
import type { Loader } from '../load/loader.js'
import type { PluginState } from '../state/kept.js'
import type { Shared } from '../state/shared.js'
import type { Builder } from '../swap/builder.js'
import { within } from '../state/limit.js'
import type { Unit } from '../swap/unit.js'
import type { Version } from '../swap/version.js'
import { diagnose, messagesOf } from './diagnose.js'
import type { Attempt, Journal } from './journal.js'
import type { Units } from './units.js'

export interface ReloaderParts {
  readonly cwd: string
  readonly units: Units
  readonly builder: Builder
  readonly loader: Loader
  readonly shared: Shared
  readonly table: RouteTable
  readonly journal: Journal
  /** Milliseconds that hooks and the like of one plugin may take; 0: forever. */
  readonly timeout: number
}

/** Of the time that Fastify gives each `preClose` hook of the app. */
const CLOSE_SHARE = 0.5

const TRACE = tracingChannel('fastify-live-reload.plugin-reload')

export class Reloader {
  readonly #parts: ReloaderParts
  /** Files that failed attempts wanted to import, or that were wrong: nothing else names them. */
  readonly #wanted = new Map<Unit, readonly string[]>()
  readonly #ending = new Set<Promise<void>>()
  #isListening = false
  #isClosing = false

  constructor (parts: ReloaderParts) {
    this.#parts = parts
  }

  wanted (): string[] {
    return [...this.#wanted.values()].flat()
  }

  /** Finds out what the plugin imports. What is wrong is told when it is loaded. */
  async scan (unit: Unit): Promise<void> {
    await this.#parts.loader.scan(unit.file.file).catch(error => this.#note(unit, error))
  }

  /** True when the newest code serves. */
  reload (unit: Unit, changed: readonly string[]): Promise<boolean> {
    const reload = (): Promise<boolean> => this.#reload(unit, changed)
    return TRACE.hasSubscribers ? TRACE.tracePromise(reload, { plugin: unit.name, changed }) : reload()
  }

  async #reload (unit: Unit, changed: readonly string[]): Promise<boolean> {
    const { journal, loader, builder, table, units, shared } = this.#parts
    const attempt = { changed, startedAt: performance.now() }
    journal.begin(unit)
    try {
      await loader.scan(unit.file.file)
      const { version, module, loaded } = await builder.build(unit, false)
      let place = (): void => {}
      await builder.finish(version, () => {
        table.assertFree(unit, version, units)
        place = table.plan(units, { unit, version })
      })
      if (this.#isClosing) {
        await version.end('close', 0)
        return false
      }
      loaded.commit()
      shared.publish(unit.name, version.control.trade)
      const event = unit.current === undefined ? 'loaded' : 'reloaded'
      this.#track(unit.swap(version, 'reload'))
      place()
      this.settle(unit, module.meta)
      if (this.#isListening) await version.listen()
      journal.succeed(unit, event, attempt)
      return true
    } catch (error) {
      await this.fail(unit, attempt, error)
      return false
    }
  }

  settle (unit: Unit, meta: Unit['meta']): void {
    unit.meta = meta
    this.#forgive(unit)
  }

  #forgive (unit: Unit): void {
    unit.error = undefined
    unit.isRefused = false
    this.#wanted.delete(unit)
  }

  async fail (unit: Unit, attempt: Attempt, error: unknown): Promise<void> {
    this.#note(unit, error)
    unit.state.forgetPending((reason, key) => this.#parts.journal.error(reason, `${unit.name} did not make ${key}`))
    // It was given up, and that is no news any more.
    if (this.#isClosing) return
    const diagnostics = await diagnose(error, this.#parts.cwd, file => this.#parts.loader.isSource(file) || isWithin(unit.settings.dir, file))
    unit.error = diagnostics[0]
    unit.isRefused = error instanceof errors.FST_LIVE_RELOAD_DUPLICATE || error instanceof errors.FST_LIVE_RELOAD_NO_SUCH_SERVICE
    this.#parts.journal.fail(unit, attempt, diagnostics)
  }

  /** Its routes answer 404 from now on. */
  async end (unit: Unit, reason: 'disable' | 'remove', changed: readonly string[]): Promise<void> {
    const { journal, shared, table, units } = this.#parts
    const attempt = { changed, startedAt: performance.now() }
    shared.publish(unit.name, { provided: new Map() })
    const ended = unit.swap(undefined, reason)
    // The next version begins anew: what this one has is disposed of when it has answered its last request, which may be later.
    const state = unit.renewState()
    table.plan(units)()
    this.#forgive(unit)
    journal.end(unit, reason === 'remove' ? 'removed' : 'disabled', attempt)
    this.#track(ended.then(() => this.#dispose(unit.name, state)))
  }

  async listen (): Promise<void> {
    this.#isListening = true
    await Promise.all([...this.#parts.units].map(({ current }) => current?.listen()))
  }

  /** `busy`: what is being done; a plugin that never resolves must not keep the app from closing. */
  async prepareClose (busy: Promise<void>): Promise<void> {
    this.#isClosing = true
    const { timeout } = this.#parts
    await within((timeout || 10_000) / 4, busy, 'it did not end').catch(() => {})
    const all = [...this.#parts.units].flatMap(({ current }) => current ?? []).reverse()
    for (const version of all) await version.prepareEnd('close', timeout * CLOSE_SHARE / all.length)
  }

  async close (unready: Iterable<Version>): Promise<void> {
    for (const version of unready) await version.end('close', 0)
    for (const unit of [...this.#parts.units].reverse()) {
      await unit.swap(undefined, 'close' satisfies HotReason)
      await this.#dispose(unit.name, unit.state)
    }
    await Promise.all(this.#ending)
  }

  async #dispose (name: string, state: PluginState): Promise<void> {
    await state.dispose((error, key) => this.#parts.journal.error(error, `${name} did not dispose of ${key}`), this.#parts.timeout)
  }

  #track (ending: Promise<void>): void {
    this.#ending.add(ending)
    ending.finally(() => this.#ending.delete(ending))
  }

  /** esbuild says where it looked in vain. */
  #note (unit: Unit, error: unknown): void {
    const files = messagesOf(error).flatMap(({ text, location }) => {
      if (location === null) return []
      const file = resolve(this.#parts.cwd, location.file)
      const missing = /^Could not resolve "(\.[^"]+)"/.exec(text)?.[1]
      return missing === undefined ? [file] : [file, ...candidates(resolve(file, '..', missing))]
    })
    this.#wanted.set(unit, files)
  }
}

/** `./x.js` may mean x.ts. */
function candidates (path: string): string[] {
  return [path, ...[...new Set([path, path.replace(/\.[cm]?js$/, '')])].flatMap(base => ['.ts', '.js', '.mts', '.tsx'].map(extension => base + extension))]
}
