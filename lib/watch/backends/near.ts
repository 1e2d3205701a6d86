// Events of single directories, without delay. After an event @parcel/watcher holds back what follows within half a second, in all its roots, for 50 ms.
import { existsSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'

export interface NearSettings {
  /** The directories of the tree, as far as they are known. */
  directories (): Iterable<string>
  onHint (paths: readonly string[]): void
}

/** In a larger tree only so many directories are watched, those of the latest events. */
const MAX_DIRECTORIES = 200
/** With more names at once it is a burst, which gets no faster by being reported in parts. */
const MAX_NAMES = 8
const open = new Set<NearWatch>()

export class NearWatch {
  readonly #settings: NearSettings
  /** The directory of the latest event is the last one. */
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #names = new Set<string>()
  #isComplete = false
  #reporting: NodeJS.Immediate | undefined
  #listing: NodeJS.Immediate | undefined

  constructor (settings: NearSettings) {
    this.#settings = settings
  }

  /** The tree is watched. Where another one had an event, a file that comes and goes here may have none: @parcel/watcher drops both when it delays them. */
  start (): void {
    open.add(this)
    if (![...open].some(each => each.#isComplete)) return
    this.#complete()
    // A tree that was not there before is listed by then.
    this.#listing = setImmediate(() => this.#addAll())
  }

  /** @parcel/watcher reported these paths, and delays its next events. */
  follow (paths: readonly string[]): void {
    for (const each of open) each.#complete()
    for (const path of paths.slice(0, MAX_NAMES)) this.#add(dirname(path))
  }

  /** The directories that are watched, the one of the latest event last. */
  get watched (): string[] { return [...this.#watchers.keys()] }

  close (): void {
    open.delete(this)
    clearImmediate(this.#reporting)
    clearImmediate(this.#listing)
    for (const directory of this.watched) this.#drop(directory)
  }

  #complete (): void {
    if (this.#isComplete) return
    this.#isComplete = true
    this.#addAll()
  }

  #addAll (): void {
    let room = MAX_DIRECTORIES
    for (const directory of this.#settings.directories()) {
      if (room-- === 0) return
      this.#add(directory)
    }
  }

  #add (directory: string): void {
    const known = this.#watchers.get(directory)
    this.#watchers.delete(directory)
    try {
      this.#watchers.set(directory, known ?? this.#watch(directory))
    } catch {
      // It vanished, or the system has no watch left: the late events are enough.
    }
    if (this.#watchers.size > MAX_DIRECTORIES) this.#drop(this.watched[0] as string)
  }

  #watch (directory: string): FSWatcher {
    const drop = (): void => this.#drop(directory)
    const own = basename(directory)
    const prefix = join(directory, sep)
    return watch(directory, { persistent: false }, (_, name) => {
      if (name === own) {
        // The directory itself was touched, moved or removed: another one may be in its place. Node gives its own name then.
        drop()
        if (!existsSync(prefix + name)) return
      }
      if (name !== null) this.#names.add(prefix + name)
      this.#reporting ??= setImmediate(() => this.#report())
    }).on('error', drop)
  }

  #report (): void {
    const names = [...this.#names]
    this.#names.clear()
    this.#reporting = undefined
    if (names.length <= MAX_NAMES) this.#settings.onHint(names)
  }

  #drop (directory: string): void {
    this.#watchers.get(directory)?.close()
    this.#watchers.delete(directory)
  }
}
