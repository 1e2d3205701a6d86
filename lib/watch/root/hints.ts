// Hints of a backend: their paths are compared with the disk, which decides what has changed.
import type { Clock } from '../../shared/clock.js'
import type { FileIndex } from '../index/file-index.js'
import { compare } from '../index/scan.js'
import type { TimeSlicer } from '../timing/time-slicer.js'

export interface HintSettings {
  /** Of the root. */
  readonly path: string
  readonly index: FileIndex
  readonly slicer: TimeSlicer
  readonly clock: Clock
  /** A name appeared or vanished: the rest of an atomic save may follow. */
  onNameChange (path: string): void
  /** Nothing is there, and nothing was: it came and went, or is ignored. */
  onAbsent (path: string): void
  /** Events may have been lost. */
  onDoubt (): void
  /** The root itself appeared or vanished. */
  onRootChange (): void
}

/** A hint with this many paths: the system's queue may have overflowed. */
const FLOOD_PATHS = 500
/** The rest of an atomic save is looked for after hints with at most this many paths. */
const MAX_SAVE_PATHS = 8
/** A hint with more paths than this is a burst. */
const MAX_LONE_PATHS = 2

export class Hints {
  readonly #settings: HintSettings
  /** Those that came before the first crawl was over. */
  #early: (readonly string[] | undefined)[] | undefined = []
  #comparingSince = Infinity
  /** By the clock: when the comparison of the whole root before this one began. */
  comparedAt = Infinity

  constructor (settings: HintSettings) {
    this.#settings = settings
  }

  /** Settles when the paths were compared, with whether anything differed. `undefined` stands for the whole root. */
  async take (paths: readonly string[] | undefined): Promise<boolean> {
    const { path, index, slicer, clock, onDoubt } = this.#settings
    if (this.#early !== undefined) {
      this.#early.push(paths)
      return false
    }
    const before = index.differences
    if (paths === undefined) {
      this.comparedAt = this.#comparingSince
      this.#comparingSince = clock.now()
      await slicer.run(compare(index, path, { deep: true }))
    } else {
      // An empty list: the events cancelled each other out, such as create and delete. A file that existed before may be missing.
      if (paths.length === 0 || paths.length >= FLOOD_PATHS) onDoubt()
      await slicer.run(this.#comparePaths(paths), paths.length > MAX_LONE_PATHS)
    }
    return index.differences !== before
  }

  /** The first crawl is over. */
  async release (): Promise<void> {
    const early = this.#early ?? []
    this.#early = undefined
    for (const paths of early) await this.take(paths)
  }

  * #comparePaths (paths: readonly string[]): Generator<void> {
    const { path, index, onNameChange, onAbsent, onRootChange } = this.#settings
    for (const each of paths) {
      const [existed, wasKnown] = [index.hasFile(each), index.nodeAt(each) !== undefined]
      yield * compare(index, each, { deep: true, force: true })
      if (!wasKnown && index.nodeAt(each) === undefined) onAbsent(each)
      if (!existed || !index.hasFile(each)) {
        index.doubtDirectory(each)
        if (paths.length <= MAX_SAVE_PATHS) onNameChange(each)
        if (each === path) onRootChange()
      }
      yield
    }
  }
}
