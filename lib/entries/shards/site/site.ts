// The directory that a site is written to: what lies in it from the last build, and what the next one moves there together. Pages that tabs show are moved earlier.
import { lstatSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ShardFile } from '../../../../types/shards.js'
import { statFingerprint } from '../../../shared/fingerprint.js'
import { withSlashes } from '../../../shared/paths.js'
import { moveFiles, removeStages } from '../../../builds/builders/publish.js'

/** Files are looked at and written synchronously, which takes a third of the time, in slices, so that requests get their turn. */
const [LOOKS_PER_SLICE, WRITES_PER_SLICE] = [200, 20]

interface Placed { readonly hash: string, readonly fingerprint: string }

/** Files that somebody wants to have in the site. */
export interface Batch {
  /** Names who made them, for messages. */
  readonly maker: string
  readonly files: readonly ShardFile[]
  contents (): Promise<Uint8Array>
  /** Those that a worker has staged: path -> absolute path. */
  readonly staged?: ReadonlyMap<string, string> | undefined
}

/** Stages of this process. */
const inUse = new Set<string>()
let count = 0

export class Site {
  readonly dir: string
  /** Beside the directory: a rename works only within one file system. Files lie there by number, and in a directory for each shard that a worker stages. */
  readonly stage: string
  /** Files that builds have written here, by path with `/`. */
  #placed = new Map<string, Placed>()
  /** What the site will consist of, with who made it. */
  readonly #target = new Map<string, { readonly hash: string, readonly maker: string }>()
  /** Directories of these files, with a file in each. */
  readonly #dirs = new Map<string, string>()
  /** What differs: path -> where it lies, below the stage. */
  readonly #staged = new Map<string, string>()
  /** Paths by who made them in the last build. */
  #made: ReadonlyMap<string, readonly string[]> = new Map()
  readonly #early = new Set<string>()
  #written = 0
  #isTouched = false
  #isCleaned = false
  /** Whose the files of the directory are: an earlier process has told, or this one has built all of them. */
  #isKnown = false

  constructor (dir: string) {
    this.dir = dir
    this.stage = join(dirname(dir), `.${basename(dir)}.live-reload-${process.pid}-${++count}`)
  }

  /** Takes what `toNote()` gave, perhaps in another process. Anything else is ignored. */
  restore (note: unknown): void {
    if (!(note instanceof Map)) return
    this.#isKnown = true
    for (const [path, placed] of note) if (typeof placed?.hash === 'string') this.#placed.set(path, placed)
  }

  toNote (): unknown {
    return this.#placed
  }

  /** This build has moved or deleted files of the directory. */
  get isTouched (): boolean {
    return this.#isTouched
  }

  /** A build begins. Gives the pids of other servers that build into the same directory. @throws the system's error */
  async begin (): Promise<number[]> {
    this.#target.clear()
    this.#dirs.clear()
    this.#staged.clear()
    this.#early.clear()
    this.#isTouched = false
    let others: number[] = []
    if (!this.#isCleaned) {
      inUse.add(this.stage)
      others = await removeStages(this.dir, inUse)
    }
    this.#isCleaned = true
    await this.discard()
    await mkdir(dirname(this.dir), { recursive: true })
    // Not `recursive`: on a read-only file system that says ENOENT.
    await mkdir(this.stage)
    await this.#look()
    return others
  }

  /** Whether files have to be written, because they differ or are not there. */
  needsWriting (files: readonly ShardFile[]): boolean {
    return files.some(({ path, hash }) => this.#placed.get(path)?.hash !== hash)
  }

  /** What the same maker wrote last time and is still there: hashes by path. */
  placedBy (maker: string): Record<string, string> {
    return Object.fromEntries((this.#made.get(maker) ?? []).map(path => [path, (this.#placed.get(path) as Placed).hash]))
  }

  /** Makes files part of the site, and stages those that differ. Gives what is wrong with them. @throws the system's error */
  async add ({ maker, files, contents, staged = new Map() }: Batch): Promise<string | undefined> {
    for (const { path, hash } of files) {
      const clash = this.#clashOf(path, maker)
      if (clash !== undefined) return clash
      this.#target.set(path, { hash, maker })
    }
    const differing = files.filter(({ path, hash }) => this.#placed.get(path)?.hash !== hash)
    const toWrite = differing.filter(({ path }) => !staged.has(path))
    for (const { path } of differing) this.#staged.set(path, staged.get(path) ?? join(this.stage, String(++this.#written)))
    if (toWrite.length === 0) return undefined
    const bytes = await contents()
    for (const [i, { path, offset, length }] of toWrite.entries()) {
      if (i % WRITES_PER_SLICE === WRITES_PER_SLICE - 1) await setImmediate()
      writeFileSync(this.#staged.get(path) as string, bytes.subarray(offset, offset + length))
    }
    return undefined
  }

  /** Only a part of the site is built: all other files stay. */
  keepOthers (): void {
    this.#isKnown = true
    for (const [path, { hash }] of this.#placed) if (!this.#target.has(path)) this.#target.set(path, { hash, maker: 'an earlier build' })
  }

  /** What will lie in the directory, when that includes new files. */
  announce (): unknown {
    const added = [...this.#staged.keys()].filter(path => !this.#placed.has(path))
    // Without a hash they are written again, or deleted.
    return added.length === 0 ? undefined : new Map([...this.#placed, ...added.map((path): [string, Placed] => [path, { hash: '', fingerprint: '' }])])
  }

  /** Moves some files to their place while the build goes on. Gives the absolute paths of those that differ. @throws the system's error */
  async publishEarly (files: readonly ShardFile[]): Promise<string[]> {
    const early = files.filter(({ path }) => this.#staged.has(path))
    await this.#move(early.map(({ path }) => path), [])
    for (const { path } of early) this.#staged.delete(path)
    for (const { path, hash } of early) this.#placed.set(path, { hash, fingerprint: this.#fingerprintOf(path) })
    for (const { path } of early) this.#early.add(path)
    return early.map(({ path }) => join(this.dir, path))
  }

  /** Moves what was staged to its place, and deletes what earlier builds wrote and this one did not. Gives the absolute paths that were written or deleted. @throws the system's error */
  async publish (): Promise<string[]> {
    const gone = [...this.#placed.keys()].filter(path => !this.#target.has(path))
    const staged = [...this.#staged.keys()].sort()
    await this.#move(staged, gone)
    const placed = new Map<string, Placed>()
    const made = new Map<string, string[]>()
    for (const [path, { hash, maker }] of this.#target) {
      const paths = made.get(maker)
      if (paths === undefined) made.set(maker, [path])
      else paths.push(path)
      const before = this.#placed.get(path)
      placed.set(path, before !== undefined && !this.#staged.has(path) ? before : { hash, fingerprint: this.#fingerprintOf(path) })
    }
    this.#placed = placed
    this.#made = made
    await this.discard()
    return [...staged, ...this.#early, ...gone].sort().map(path => join(this.dir, path))
  }

  /** After the first build without a note: files of the directory that it did not write. An earlier one may have. */
  async listUnknown (): Promise<string[]> {
    if (this.#isKnown) return []
    this.#isKnown = true
    const entries = await readdir(this.dir, { recursive: true, withFileTypes: true }).catch(() => [])
    const paths = entries.filter(entry => entry.isFile()).map(entry => withSlashes(join(entry.parentPath, entry.name).slice(this.dir.length + 1)))
    return paths.filter(path => !this.#placed.has(path)).sort()
  }

  /** Removes the stage, after a success as well. */
  async discard (): Promise<void> {
    // Where it cannot be removed it cannot be made either, and that fails the next build with a reason.
    await rm(this.stage, { recursive: true, force: true }).catch(() => {})
  }

  async close (): Promise<void> {
    await this.discard()
    inUse.delete(this.stage)
  }

  /** Two makers of one file, or a file where another one needs a directory. */
  #clashOf (path: string, maker: string): string | undefined {
    const other = this.#target.get(path)
    if (other !== undefined) return `${path} is written by ${[other.maker, maker].sort().join(' and by ')}`
    const below = this.#dirs.get(path)
    if (below !== undefined) return `${path} is written as a file, and as the directory of ${below}`
    for (let end = path.lastIndexOf('/'); end !== -1; end = path.lastIndexOf('/', end - 1)) {
      const dir = path.slice(0, end)
      if (this.#dirs.has(dir)) return undefined
      if (this.#target.has(dir)) return `${dir} is written as a file, and as the directory of ${path}`
      this.#dirs.set(dir, path)
    }
    return undefined
  }

  async #move (paths: readonly string[], gone: readonly string[]): Promise<void> {
    this.#isTouched ||= paths.length + gone.length > 0
    const sources = new Map(paths.map(path => [native(path), this.#staged.get(path) as string]))
    await moveFiles(name => sources.get(name) as string, this.dir, [...sources.keys()], gone.map(native))
  }

  /** Files that somebody has changed or removed since are written again: they lose their hash. */
  async #look (): Promise<void> {
    let looks = 0
    for (const [path, { fingerprint }] of this.#placed) {
      if (++looks % LOOKS_PER_SLICE === 0) await setImmediate()
      if (this.#fingerprintOf(path) !== fingerprint) this.#placed.set(path, { hash: '', fingerprint })
    }
  }

  #fingerprintOf (path: string): string {
    try {
      const stats = lstatSync(join(this.dir, path))
      return stats.isFile() ? statFingerprint(stats) : ''
    } catch {
      return ''
    }
  }
}

const native = (path: string): string => path.replaceAll('/', sep)
