// Hashes of source files. A file is read again only when its metadata changed.
import { readdirSync, readFileSync, statSync, type Stats } from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { statFingerprint } from '../../../shared/fingerprint.js'
import { withSlashes } from '../../../shared/paths.js'
import { digestOf, sha256 } from './digest.js'

/** A file that is not there: the shard that needs it says so. */
export const MISSING = 'missing'
/** Files are looked at and read synchronously, which takes a fifth of the time, in slices, so that requests get their turn. */
const [LOOKS_PER_SLICE, READS_PER_SLICE, BYTES_PER_SLICE] = [200, 50, 1024 ** 2]
/** Two saves within a tick of the file system's clock leave the same time. */
const CLOCK_TICK_MS = 50

type Known = readonly [fingerprint: string, hash: string]

interface Looked { readonly file: string, readonly stats: Stats | undefined }

export class FileHashes {
  #known = new Map<string, Known>()
  /** Files of this build, as they were when they were hashed, and directories, with the names of what was in them. */
  readonly #seen = new Map<string, string>()

  /** Takes what `toNote()` gave, perhaps in another process. Anything else is ignored. */
  restore (note: unknown): void {
    if (!(note instanceof Map)) return
    for (const [path, known] of note) if (Array.isArray(known) && typeof known[0] === 'string' && typeof known[1] === 'string') this.#known.set(path, known as never)
  }

  /** What the last build asked for. */
  toNote (): unknown {
    return this.#known
  }

  /** A build begins. */
  begin (): void {
    this.#seen.clear()
  }

  /** A build has ended: what it did not ask for is forgotten. */
  end (): void {
    this.#known = new Map([...this.#known].filter(([file]) => this.#seen.has(file)))
  }

  /** Hashes by path as it was given. That of a directory is of all files in it. */
  async of (cwd: string, paths: Iterable<string>): Promise<Map<string, string>> {
    const hashes = new Map<string, string>()
    const files = new Map<string, Looked>()
    const directories = new Map<string, string[]>()
    let count = 0
    for (const path of new Set(paths)) {
      if (++count % LOOKS_PER_SLICE === 0) await setImmediate()
      const file = resolve(cwd, path)
      const stats = statOf(file)
      if (stats?.isDirectory() !== true) files.set(path, { file, stats })
      else {
        const inside = filesIn(file)
        directories.set(path, inside)
        this.#seen.set(file, listOf(inside))
        for (const name of inside) files.set(join(file, name), { file: join(file, name), stats: statOf(join(file, name)) })
      }
    }
    await this.#hashAll(files, hashes)
    for (const [path, names] of directories) hashes.set(path, digestOf(names.map(name => [withSlashes(name), hashes.get(join(resolve(cwd, path), name))])))
    return hashes
  }

  /** False when one of the files is not what was hashed in this build: it was saved, added or removed meanwhile. */
  isUnchanged (cwd: string, paths: Iterable<string>): boolean {
    for (const path of paths) {
      const file = resolve(cwd, path)
      const stats = statOf(file)
      const inside = stats?.isDirectory() === true ? filesIn(file) : []
      const seen = stats?.isDirectory() === true ? listOf(inside) : fingerprintOf(stats)
      if (this.#seen.get(file) !== seen || !this.isUnchanged(file, inside)) return false
    }
    return true
  }

  async #hashAll (files: ReadonlyMap<string, Looked>, hashes: Map<string, string>): Promise<void> {
    let room = BYTES_PER_SLICE
    for (const [path, { file, stats }] of files) {
      const fingerprint = fingerprintOf(stats)
      this.#seen.set(file, fingerprint)
      const before = this.#known.get(file)
      if (stats === undefined || fingerprint === MISSING) hashes.set(path, MISSING)
      else if (before?.[0] === fingerprint) hashes.set(path, before[1])
      else {
        room -= Math.max(stats.size, BYTES_PER_SLICE / READS_PER_SLICE)
        if (room < 0) {
          await setImmediate()
          room = BYTES_PER_SLICE
        }
        const isSettled = Math.abs(Date.now() - stats.ctimeMs) > CLOCK_TICK_MS
        const hash = hashOf(file)
        hashes.set(path, hash)
        if (hash !== MISSING && isSettled) this.#known.set(file, [fingerprint, hash])
      }
    }
  }
}

function hashOf (file: string): string {
  try {
    return sha256(readFileSync(file))
  } catch {
    // It went meanwhile, or may not be read.
    return MISSING
  }
}

/** `undefined` when it is not there, or cannot be reached: by links that go round, or a name that is too long. */
function statOf (file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const fingerprintOf = (stats: Stats | undefined): string => stats?.isFile() === true ? statFingerprint(stats) : MISSING

/** No name has a NUL in it. */
const listOf = (names: readonly string[]): string => names.join('\0')

/** Links to files count, also those that lead nowhere yet. Links to directories do not, as in a watch root. */
function filesIn (dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  return entries.map(entry => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ entry, path }) => entry.isFile() || (entry.isSymbolicLink() && statOf(path)?.isDirectory() !== true))
    .map(({ path }) => path.slice(dir.length + 1)).sort()
}
