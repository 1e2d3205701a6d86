// The data of one root: what the watch last saw on disk.
import { dirname } from 'node:path'
import type { Fingerprint } from './fingerprint.js'
import { FingerprintTable } from './fingerprint-table.js'
import { createDirectory, isDirectory, locate, pathOf, type Entry, type Node } from './nodes.js'

export interface IndexSettings {
  readonly root: string
  ignored (path: string, directory: boolean): boolean
  onDifference (path: string, before: Fingerprint | undefined, after: Fingerprint | undefined): void
  /** The file was written and holds what it held before: it may have held something else in between. */
  onRewrite (path: string, now: Fingerprint): void
  /** Each write has an event of the system, which leads to a look at that file. */
  hasEvents (): boolean
  /** The first crawl found it, and it, or for a directory what was in it, may have changed since `startedAt`. */
  onSuspect (path: string, now?: Fingerprint): void
  /** Called once for each path that exists and cannot be read. */
  onUnreadable (path: string, code: string): void
  /** `Date.now()` when the watch was made. What the first crawl finds counts as changed only when that was later. */
  readonly startedAt: number
}

export class FileIndex {
  readonly root: string
  readonly settings: IndexSettings
  /** Holds one child: the root. */
  readonly top = createDirectory('')
  readonly fingerprints = new FingerprintTable()
  /** Links to files. The target may lie where nothing is watched. */
  readonly links = new Set<string>()
  readonly unreadable = new Set<string>()
  readonly ignoredDirectories = new Set<string>()
  /** Names that Node cannot decode, reported once. */
  readonly undecodable = new Set<string>()
  /** The first crawl reads contents for a limited time only. */
  readonly crawl = { active: true, readingMs: 0 }
  /** Path and identity of directories found since the backend was opened: it may not watch them. */
  #unwatched = new Map<string, string>()
  #watched: ReadonlyMap<string, string> = new Map()
  #hasReturned = false
  #differences = 0

  constructor (settings: IndexSettings) {
    this.settings = settings
    this.root = settings.root
  }

  get files (): number { return this.fingerprints.size }
  /** Grows with every difference. */
  get differences (): number { return this.#differences }
  get hasUnwatched (): boolean { return this.#unwatched.size > 0 }
  /** Something was an ignored directory when the backend was opened, which therefore leaves it out, and is none by now. */
  get hasReturned (): boolean { return this.#hasReturned }

  nodeAt (path: string): Node | undefined {
    const entry = locate(this.top, this.root, path)
    return entry?.path === path ? entry.parent.children.get(entry.name) : undefined
  }

  hasFile (path: string): boolean {
    return typeof this.nodeAt(path) === 'number'
  }

  /** Number of names in a directory. */
  countNames (path: string): number {
    const node = this.nodeAt(path)
    return isDirectory(node) ? node.children.size + node.ignored.size : 0
  }

  /** There must not be a directory of that name. */
  setFile ({ parent, name }: Entry, fingerprint: Fingerprint): void {
    const node = parent.children.get(name)
    if (typeof node === 'number') this.fingerprints.set(node, fingerprint)
    else parent.children.set(name, this.fingerprints.add(fingerprint))
  }

  addDirectory ({ parent, name, path }: Entry, id: string, silent = false): void {
    parent.children.set(name, createDirectory(id, silent))
    this.addUnwatched(path, id)
  }

  remove ({ parent, name, path }: Entry, silent = false): void {
    const node = parent.children.get(name)
    parent.ignored.delete(name)
    if (node === undefined) return
    parent.children.delete(name)
    if (!isDirectory(node)) {
      if (!silent) this.report(path, this.fingerprints.get(node), undefined)
      return this.fingerprints.delete(node)
    }
    node.removed = true
    this.unreadable.delete(path)
    for (const child of node.children.names()) this.remove({ parent: node, name: child, path: pathOf(path, child) }, silent)
  }

  ignore ({ parent, name, path }: Entry, directory: boolean): void {
    parent.ignored.set(name, directory)
    if (directory) this.ignoredDirectories.add(path)
    else this.unignore(path)
  }

  /** It is no ignored directory by now. */
  unignore (path: string): void {
    if (!this.ignoredDirectories.delete(path)) return
    this.#hasReturned = true
    // It is compared once more when the backend reports it again.
    this.doubtDirectory(dirname(path))
  }

  report (path: string, before: Fingerprint | undefined, after: Fingerprint | undefined): void {
    this.#differences++
    this.settings.onDifference(path, before, after)
  }

  reportUnreadable (path: string, code: string): void {
    if (this.unreadable.has(path)) return
    this.unreadable.add(path)
    this.settings.onUnreadable(path, code)
  }

  addUnwatched (path: string, id: string): void {
    if (this.#watched.get(path) !== id) this.#unwatched.set(path, id)
  }

  /** Something happened to the directory itself, so the backend may have lost it. */
  doubtDirectory (path: string): void {
    const node = this.nodeAt(path)
    if (isDirectory(node)) this.#unwatched.set(path, node.id)
  }

  /** Returns the paths of directories found since the last call. Call it just before the backend is opened: from then on they count as watched. */
  takeUnwatched (): Iterable<string> {
    this.#watched = this.#unwatched
    this.#unwatched = new Map()
    this.#hasReturned = false
    return this.#watched.keys()
  }
}
