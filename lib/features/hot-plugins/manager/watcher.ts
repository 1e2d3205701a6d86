// What is watched: the directories, and files outside of them that plugins import.
import type { Change } from '../../../../types/change.js'
import type { LiveReload, Undo } from '../../../../types/live-reload.js'
import type { PluginSettings } from '../../../options/settings.js'
import { isWithin } from '../../../shared/paths.js'

export class Watcher {
  readonly #live: LiveReload
  readonly #settings: readonly PluginSettings[]
  readonly #onChanges: (changes: readonly Change[]) => void
  #directories: Undo[] = []
  #files: ReadonlySet<string> = new Set()
  #undoFiles: Undo | undefined

  constructor (live: LiveReload, settings: readonly PluginSettings[], onChanges: (changes: readonly Change[]) => void) {
    this.#live = live
    this.#settings = settings
    this.#onChanges = onChanges
  }

  get isOn (): boolean { return this.#directories.length > 0 }

  start (): void {
    if (this.isOn) return
    this.#directories = this.#settings.map(({ dir, debounce }) => this.#live.watch(dir, this.#onChanges, { debounce, gitignore: false }))
    this.#watchFiles()
  }

  stop (): void {
    for (const undo of this.#directories.splice(0)) undo()
    this.#undoFiles?.()
    this.#undoFiles = undefined
  }

  /** Files that plugins import; those in the directories are watched anyway. */
  setFiles (files: Iterable<string>): void {
    const outside = new Set([...files].filter(file => !this.#settings.some(({ dir }) => isWithin(dir, file))))
    if (outside.size === this.#files.size && [...outside].every(file => this.#files.has(file))) return
    this.#files = outside
    if (this.isOn) this.#watchFiles()
  }

  #watchFiles (): void {
    // The new watch is open before the old one ends: a change meanwhile is seen twice rather than never.
    const previous = this.#undoFiles
    const debounce = Math.max(...this.#settings.map(one => one.debounce))
    this.#undoFiles = this.#files.size === 0 ? undefined : this.#live.watch([...this.#files], this.#onChanges, { debounce, gitignore: false })
    previous?.()
  }
}
