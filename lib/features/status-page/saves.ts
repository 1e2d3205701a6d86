// The latest saves, and when each step happened: from the disk to the last tab that shows it. The caller brings the time.
import type { BuildResult } from '../../../types/build.js'
import type { LiveReloadEvents } from '../../../types/events.js'
import type { ServerMessage } from '../../../types/message.js'
import type { Save } from '../../../types/status-page.js'
import { shortenPath } from '../../shared/paths.js'

type Entry = { -readonly [K in keyof Save]: Save[K] } & {
  paths: string[]
  /** Outputs that differ since its build began. */
  outputs: number
}

const MAX_SAVES = 30
const MAX_PATHS = 3
/** A file with an older time was moved here, not saved. */
const MAX_SAVE_AGE_MS = 10_000
/** A tab that shows a later change shows this one, too, but not after so long. */
const MAX_APPLY_DELAY_MS = 5_000

export class Saves {
  readonly #cwd: string
  #entries: Entry[] = []
  #lastId = 0

  constructor (cwd: string) {
    this.#cwd = cwd
  }

  /** Returns the id of a new save, or `undefined` where the change belongs to a save that is there, or to none. */
  change ({ source, name, changes }: LiveReloadEvents['change']): number | undefined {
    if (source === 'plugin') return undefined
    const building = source === 'output' ? this.#entries.filter(({ state }) => state === 'building') : []
    for (const entry of building) entry.outputs += changes.length
    if (building.length > 0) return undefined
    const direct = source !== 'input'
    const known = direct ? this.#entries.find(entry => entry.source === source && entry.state === 'held') : this.#find(name, 'waiting', 'building')
    const entry = known ?? this.#open(source, direct ? 'held' : 'waiting', name === undefined ? {} : { name })
    entry.files += changes.length
    entry.seen ??= Math.min(...changes.map(({ seen }) => seen))
    for (const { path } of changes.slice(0, MAX_PATHS - entry.paths.length)) entry.paths.push(shortenPath(this.#cwd, path))
    return known === undefined ? entry.id : undefined
  }

  /** `at`: the time the file itself carries. */
  setSavedAt (id: number, at: number): void {
    const entry = this.#entries.find(entry => entry.id === id)
    // File systems have coarse clocks: a time after the change was seen means just then.
    if (entry?.seen !== undefined && entry.seen - at < MAX_SAVE_AGE_MS) entry.saved = Math.min(at, entry.seen)
  }

  startBuild (name: string, now: number): void {
    const entry = this.#find(name, 'waiting', 'building') ?? this.#open('build', 'building', { name })
    entry.state = 'building'
    entry.started ??= now
  }

  /** Without a result the build was aborted, and the next one is about to begin. */
  endBuild (name: string, result: BuildResult | undefined, now: number): void {
    const entry = this.#find(name, 'building')
    if (entry === undefined) return
    entry.state = result === undefined ? 'waiting' : result.ok ? 'held' : 'failed'
    if (result !== undefined) entry.built = now
  }

  /** Every message about a build that ended has been sent. */
  settle (): void {
    for (const entry of this.#entries) if (entry.state === 'held' && entry.built !== undefined && entry.outputs === 0) entry.state = 'unchanged'
  }

  send (message: ServerMessage, clients: number, now: number): void {
    // A build that fails while it waits was stopped as a loop: it will not run.
    const looping = message.type === 'build' && message.state === 'failed' ? this.#find(message.name, 'waiting') : undefined
    if (looping !== undefined) looping.state = 'failed'
    if (message.type !== 'reload' && message.type !== 'update') return
    const held = this.#entries.filter(({ state }) => state === 'held')
    for (const entry of held.length > 0 ? held : [this.#open('reload', 'held')]) Object.assign(entry, { state: 'sent', sent: now, seq: message.seq, clients })
  }

  apply (seq: number, now: number): void {
    for (const entry of this.#entries) {
      const { state, applied, sent = 0, seq: own = 0, clients = 0 } = entry
      // Sent to no tab: whichever shows it came later, in a time of its own.
      if (state !== 'sent' || clients === 0) continue
      const earlier = own < seq && applied === undefined && now - sent < MAX_APPLY_DELAY_MS
      if (own !== seq && !earlier) continue
      entry.applied ??= now
      entry.last = now
      entry.tabs++
    }
  }

  /** The newest first. */
  list (): Save[] {
    return this.#entries.map(({ outputs, ...save }) => ({ ...save, paths: [...save.paths] }))
  }

  #open (source: Save['source'], state: Save['state'], more: Partial<Entry> = {}): Entry {
    const entry: Entry = { id: ++this.#lastId, source, state, paths: [], files: 0, tabs: 0, outputs: 0, ...more }
    this.#entries = [entry, ...this.#entries].slice(0, MAX_SAVES)
    return entry
  }

  #find (name: string | undefined, ...states: Save['state'][]): Entry | undefined {
    return this.#entries.find(entry => entry.name === name && states.includes(entry.state))
  }
}
