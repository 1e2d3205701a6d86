// The plugins that are there, as the directories say.
import { basename } from 'node:path'
import type { PluginSettings } from '../../../options/settings.js'
import type { Target } from '../dispatch/stubs.js'
import { discover } from '../plain/discover.js'
import { Unit } from '../swap/unit.js'

export class Units {
  readonly #settings: readonly PluginSettings[]
  readonly #absent: Target
  #units: readonly Unit[] = []

  constructor (settings: readonly PluginSettings[], absent: Target) {
    this.#settings = settings
    this.#absent = absent
    this.refresh()
  }

  get size (): number { return this.#units.length }

  [Symbol.iterator] (): Iterator<Unit> {
    return this.#units[Symbol.iterator]()
  }

  /** By name. */
  get (name: string): Unit | undefined {
    return this.#units.find(unit => unit.name === name)
  }

  names (): string[] {
    return this.#units.map(({ name }) => name)
  }

  /** Looks again. A plugin stays the same for as long as its file is there. */
  refresh (): { readonly added: readonly Unit[], readonly removed: readonly Unit[] } {
    const before = this.#units
    const now: Unit[] = []
    for (const settings of this.#settings) {
      for (const file of discover(settings.dir)) {
        const known = before.find(unit => unit.file.file === file.file && unit.file.name === file.name && unit.settings === settings)
        const isTaken = now.some(({ name }) => name === file.name)
        now.push(known ?? new Unit(file, isTaken ? `${basename(settings.dir)}/${file.name}` : file.name, settings, this.#absent))
      }
    }
    this.#units = now
    return { added: now.filter(unit => !before.includes(unit)), removed: before.filter(unit => !now.includes(unit)) }
  }
}
