// The last saves, and when what became of them: from the disk to the last tab that shows it. Pure: who calls brings the time.
import { relative } from 'node:path'
import type { BuildResult } from '../../../types/build.js'
import type { OutboundMessage } from '../../broadcast/channel.js'
import type { LiveReloadEvents } from '../../../types/observe.js'
import type { Save } from '../../../types/status.js'

type Entry = { -readonly [K in keyof Save]: Save[K] } & {
  paths: string[]
  /** Outputs that differ since its build began. */
  outputs: number
}

export interface Saves {
  /** The number of the save, where this is the beginning of one. */
  changed (event: LiveReloadEvents['change']): number | undefined
  /** What the file itself says. */
  saved (id: number, at: number): void
  started (name: string, now: number): void
  /** Without a result: aborted, the next one is about to begin. */
  ended (name: string, result: BuildResult | undefined, now: number): void
  /** All that a build had to say has been said. */
  settled (): void
  sent (message: OutboundMessage, clients: number, now: number): void
  applied (seq: number, now: number): void
  /** The newest first. */
  list (): Save[]
}

const KEPT = 30
const PATHS = 3
/** A file that says it is older was moved here, not saved. */
const OLDEST = 10_000
/** A tab that shows a later change shows this one, too; but after so long it had nothing to do with it. */
const BELATED = 5_000

export function createSaves (cwd: string): Saves {
  let entries: Entry[] = []
  let last = 0

  function open (source: Save['source'], state: Save['state'], more: Partial<Entry> = {}): Entry {
    const entry: Entry = { id: ++last, source, state, paths: [], files: 0, tabs: 0, outputs: 0, ...more }
    entries = [entry, ...entries].slice(0, KEPT)
    return entry
  }
  const find = (name: string | undefined, ...states: Save['state'][]) => entries.find(entry => entry.name === name && states.includes(entry.state))

  return {
    changed ({ source, name, changes }) {
      if (source === 'plugin') return undefined
      const building = source === 'output' ? entries.filter(({ state }) => state === 'building') : []
      for (const entry of building) entry.outputs += changes.length
      if (building.length > 0) return undefined
      const direct = source !== 'input'
      const known = direct ? entries.find(entry => entry.source === source && entry.state === 'held') : find(name, 'waiting', 'building')
      const entry = known ?? open(source, direct ? 'held' : 'waiting', name === undefined ? {} : { name })
      entry.files += changes.length
      entry.seen ??= Math.min(...changes.map(({ seen }) => seen))
      for (const { path } of changes.slice(0, PATHS - entry.paths.length)) entry.paths.push(relative(cwd, path))
      return known === undefined ? entry.id : undefined
    },

    saved (id, at) {
      const entry = entries.find(entry => entry.id === id)
      // The clocks of files are coarse: what seems to be saved after it was seen was saved just then.
      if (entry?.seen !== undefined && entry.seen - at < OLDEST) entry.saved = Math.min(at, entry.seen)
    },

    started (name, now) {
      const entry = find(name, 'waiting', 'building') ?? open('build', 'building', { name })
      entry.state = 'building'
      entry.started ??= now
    },

    ended (name, result, now) {
      const entry = find(name, 'building')
      if (entry === undefined) return
      entry.state = result === undefined ? 'waiting' : result.ok ? 'held' : 'failed'
      if (result !== undefined) entry.built = now
    },

    settled () {
      for (const entry of entries) if (entry.state === 'held' && entry.built !== undefined && entry.outputs === 0) entry.state = 'unchanged'
    },

    sent (message, clients, now) {
      // A loop that was broken: the build it waits for does not come.
      const looping = message.type === 'build' && message.state === 'failed' ? find(message.name, 'waiting') : undefined
      if (looping !== undefined) looping.state = 'failed'
      if (message.type !== 'reload' && message.type !== 'update') return
      const held = entries.filter(({ state }) => state === 'held')
      for (const entry of held.length > 0 ? held : [open('reload', 'held')]) Object.assign(entry, { state: 'sent', sent: now, seq: message.seq, clients })
    },

    applied (seq, now) {
      for (const entry of entries) {
        const { state, applied, sent = 0, seq: own = 0, clients = 0 } = entry
        // Nobody was told: whoever shows it came later, in a time of its own.
        if (state !== 'sent' || clients === 0) continue
        const earlier = own < seq && applied === undefined && now - sent < BELATED
        if (own !== seq && !earlier) continue
        entry.applied ??= now
        entry.last = now
        entry.tabs++
      }
    },

    list: () => entries.map(({ outputs, ...save }) => ({ ...save, paths: [...save.paths] }))
  }
}
