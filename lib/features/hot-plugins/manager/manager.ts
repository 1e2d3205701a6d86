// `app.liveReload.plugins`: which plugins there are, what a change on disk means for them, and in which order they are reloaded.
import { statSync } from 'node:fs'
import type { Change } from '../../../../types/change.js'
import type { HotPluginInfo, HotPluginLogEntry, HotPlugins } from '../../../../types/hot-plugins.js'
import { errors, show } from '../../../errors.js'
import type { Graph } from '../graph/graph.js'
import type { Loader } from '../load/loader.js'
import type { Shared } from '../state/shared.js'
import type { Unit } from '../swap/unit.js'
import type { Journal } from './journal.js'
import { Queue } from './queue.js'
import type { Reloader } from './reloader.js'
import type { Units } from './units.js'
import type { Watcher } from './watcher.js'

export interface ManagerParts {
  readonly units: Units
  readonly reloader: Reloader
  readonly loader: Loader
  readonly graph: Graph
  readonly shared: Shared
  readonly journal: Journal
  /** Absolute paths that are never evaluated again. */
  readonly external: ReadonlySet<string>
  createWatcher (onChanges: (changes: readonly Change[]) => void): Watcher
}

/** Clocks of file systems are behind by as much. */
const FILE_CLOCK_MS = 5

export class Manager implements HotPlugins {
  readonly #parts: ManagerParts
  readonly #queue = new Queue()
  readonly #watcher: Watcher
  /** What the files were like when they were last loaded: a change may not have been reported yet, and without watching none is. */
  #seen: ReadonlyMap<string, string> = new Map()
  /** Reloaded before the app was complete: they lack what it was given later. */
  readonly #early = new Set<Unit>()
  #isReady = false
  #isClosed = false

  constructor (parts: ManagerParts) {
    this.#parts = parts
    this.#watcher = parts.createWatcher(changes => { this.#queue.add(() => this.#apply(changes.map(({ path }) => path))) })
  }

  get count (): number { return this.#parts.units.size }
  get log (): readonly HotPluginLogEntry[] { return this.#parts.journal.entries }
  get watching (): boolean { return this.#watcher.isOn }

  list (): HotPluginInfo[] {
    return [...this.#parts.units].map(unit => unit.info())
  }

  async reload (name: string): Promise<boolean> {
    const unit = this.#find(name)
    return this.#queue.add(() => {
      this.#parts.loader.markStale([unit.file.file, ...this.#changed()])
      return this.#reloadAll([unit], [])
    })
  }

  async enable (name: string): Promise<boolean> {
    const unit = this.#find(name)
    unit.isEnabled = true
    return this.#queue.add(async () => {
      if (unit.current !== undefined) return true
      this.#parts.loader.markStale([unit.file.file, ...this.#changed()])
      return await this.#reloadAll([unit], [])
    })
  }

  async disable (name: string): Promise<void> {
    const unit = this.#find(name)
    if (!unit.isEnabled) return this.#queue.idle()
    unit.isEnabled = false
    await this.#queue.add(() => this.#parts.reloader.end(unit, 'disable', []))
  }

  async start (): Promise<void> {
    if (this.watching || this.#isClosed) return
    this.#watcher.start()
    await this.#queue.add(() => this.#apply(this.#changed()))
  }

  stop (): void {
    this.#watcher.stop()
  }

  /** From the start on: what changes while the app starts waits in the queue. */
  watch (): void {
    this.#watcher.start()
  }

  /** The first versions serve: what they import is found out, and watched. */
  begin (): void {
    const loadedBefore = Date.now() - FILE_CLOCK_MS
    this.#isReady = true
    this.#queue.add(async () => {
      for (const unit of this.#parts.units) await this.#parts.reloader.scan(unit)
      this.watchImports()
      this.#seen = new Map([...this.#look()].filter(([file]) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < loadedBefore))
      const early = [...this.#early].filter(({ current }) => current !== undefined)
      if (early.length === 0) return
      this.#parts.loader.markStale(early.map(({ file }) => file.file))
      await this.#reloadAll(early, [])
    })
  }

  async prepareClose (): Promise<void> {
    this.#isClosed = true
    this.#watcher.stop()
    await this.#parts.reloader.prepareClose(this.#queue.idle())
  }

  async #apply (changed: readonly string[]): Promise<void> {
    if (this.#isClosed) return
    const { units, external, journal, loader, graph, reloader } = this.#parts
    for (const path of changed.filter(one => external.has(one))) journal.warn(`${path} changed and is external: restart the process to load it`)
    const { added, removed } = units.refresh()
    for (const unit of removed) await reloader.end(unit, 'remove', changed)
    const stale = loader.markStale(changed)
    const isTouched = (unit: Unit) => [...graph.reachable(unit.file.file)].some(file => stale.has(file))
    const touched = [...units].filter(unit => added.includes(unit) || unit.error !== undefined || isTouched(unit))
    // A plugin that was given up is given another try by whatever changed.
    loader.markStale(touched.filter(unit => unit.error !== undefined).map(({ file }) => file.file))
    if (touched.length > 0) await this.#reloadAll(touched, changed)
  }

  /** What provides a service before what uses it. True when all of them serve. */
  async #reloadAll (units: readonly Unit[], changed: readonly string[]): Promise<boolean> {
    const { loader, reloader } = this.#parts
    if (!this.#isReady) for (const unit of units) this.#early.add(unit)
    const waiting = new Set(units)
    const before = this.#look()
    const failed = new Set<Unit>()
    const retried = new Set<Unit>()
    while (waiting.size > 0 && !this.#isClosed) {
      const unit = this.#next(waiting)
      waiting.delete(unit)
      if (!unit.isEnabled) continue
      const users = this.#usersOf(unit)
      const again = (other: Unit): void => {
        loader.markStale([other.file.file])
        waiting.add(other)
      }
      if (await reloader.reload(unit, changed)) failed.delete(unit)
      else failed.add(unit)
      // It may provide more than before, or less.
      for (const user of new Set([...users, ...this.#usersOf(unit)])) if (!units.includes(user)) again(user)
      // It may have given up what others were refused.
      for (const other of failed.has(unit) ? [] : this.#parts.units) {
        if (!other.isRefused || waiting.has(other) || retried.has(other)) continue
        retried.add(other)
        again(other)
      }
    }
    loader.prune([...this.#parts.units].map(({ file }) => file.file))
    this.watchImports()
    this.#seen = new Map([...this.#look(), ...before])
    return failed.size === 0
  }

  /** The first that uses nothing of the others; any, when they use each other. */
  #next (waiting: ReadonlySet<Unit>): Unit {
    const all = [...waiting]
    return (all.find(unit => !all.some(other => other !== unit && this.#provides(other, unit))) ?? all[0]) as Unit
  }

  #usersOf (unit: Unit): Unit[] {
    return [...this.#parts.units].filter(user => user !== unit && user.isEnabled && this.#provides(unit, user))
  }

  #provides (provider: Unit, user: Unit): boolean {
    return [...user.used].some(service => this.#parts.shared.ownerOf(service) === provider.name)
  }

  /** Files outside of the directories, too. */
  watchImports (): void {
    this.#watcher.setFiles([...this.#look().keys(), ...this.#parts.reloader.wanted()])
  }

  /** Every file of every plugin, with its size and time. */
  #look (): Map<string, string> {
    const files = new Set([...this.#parts.units].flatMap(({ file }) => [...this.#parts.graph.reachable(file.file)]))
    return new Map([...files].map(file => {
      const stat = statSync(file, { throwIfNoEntry: false })
      return [file, `${stat?.mtimeMs} ${stat?.size}`]
    }))
  }

  #changed (): string[] {
    return [...this.#look()].flatMap(([file, print]) => this.#seen.get(file) === print ? [] : [file])
  }

  #find (name: string): Unit {
    const unit = this.#parts.units.get(name)
    if (unit === undefined) throw new errors.FST_LIVE_RELOAD_NO_SUCH_PLUGIN(show(name), this.#parts.units.names().join(', ') || 'none')
    return unit
  }
}
