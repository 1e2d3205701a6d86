// Compares again what just changed: the native watcher delays events in a stream of saves, and a half written file must end whole.
import { dirname } from 'node:path'
import type { Clock } from '../../shared/clock.js'

/** Between two rounds while few paths are compared this closely; one more millisecond for each further path. */
const MIN_INTERVAL_MS = 4
/** A file is compared again for this long after its last change: longer than the native watcher delays events. */
const FILE_MS = 650
/** The directory of a new or vanished name is compared again for this long: the rest of an atomic save follows at once. */
const DIRECTORY_MS = 100
const MAX_PATHS = 32

export interface RecheckSettings {
  readonly clock: Clock
  compare (paths: readonly string[]): void
  /** The file did not change between two rounds. */
  onSettled (path: string): void
}

export class Recheck {
  readonly #settings: RecheckSettings
  readonly #recent = new Map<string, { until: number, settled: boolean }>()
  #cancel: (() => void) | undefined

  constructor (settings: RecheckSettings) {
    this.#settings = settings
  }

  /** This file just changed. */
  addFile (path: string): void {
    this.#add(path, FILE_MS)
  }

  /** This name just appeared or vanished. */
  addSiblings (path: string): void {
    this.#add(dirname(path), DIRECTORY_MS)
  }

  close (): void {
    this.#cancel?.()
    this.#recent.clear()
  }

  #add (path: string, ms: number): void {
    if (!this.#recent.has(path) && this.#recent.size >= MAX_PATHS) return
    this.#recent.set(path, { until: this.#settings.clock.now() + ms, settled: false })
    // What has just changed goes out first.
    queueMicrotask(() => this.#schedule())
  }

  #schedule (): void {
    if (this.#recent.size > 0) this.#cancel ??= this.#settings.clock.after(Math.max(MIN_INTERVAL_MS, this.#recent.size), () => this.#round())
  }

  #round (): void {
    this.#cancel = undefined
    const paths = [...this.#recent.keys()]
    for (const each of this.#recent.values()) each.settled = true
    this.#settings.compare(paths)
    for (const path of paths) {
      // `compare` may have added the path anew, and a listener may have closed the watch.
      const each = this.#recent.get(path)
      if (each?.settled) this.#settings.onSettled(path)
      if (each !== undefined && each.until < this.#settings.clock.now()) this.#recent.delete(path)
    }
    this.#schedule()
  }
}
