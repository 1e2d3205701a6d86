// Hashes of source files. A file is read again only when its metadata changed.
import { readdirSync, statSync, type Stats } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { statFingerprint } from '../../../shared/fingerprint.js'
import { withSlashes } from '../../../shared/paths.js'
import { digestOf, sha256 } from './digest.js'

/** A file that is not there: the shard that needs it says so. */
export const MISSING = 'missing'
const FILES_PER_SLICE = 200
const MAX_PARALLEL = 16
/** Two saves within a tick of the file system's clock leave the same time. */
const CLOCK_TICK_MS = 50

type Known = readonly [fingerprint: string, hash: string]

export class FileHashes {
  #known = new Map<string, Known>()
  /** Files of this build, as they were when they were hashed. */
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
    const files = new Map<string, string>()
    const directories = new Map<string, string[]>()
    for (const path of new Set(paths)) {
      const file = resolve(cwd, path)
      const inside = statOf(file)?.isDirectory() === true ? filesIn(file) : undefined
      if (inside === undefined) files.set(path, file)
      else {
        directories.set(path, inside)
        for (const name of inside) files.set(join(file, name), join(file, name))
      }
    }
    await this.#hashAll(files, hashes)
    for (const [path, names] of directories) hashes.set(path, digestOf(names.map(name => [withSlashes(name), hashes.get(join(resolve(cwd, path), name))])))
    return hashes
  }

  /** False when one of the files is not what was hashed in this build: it was saved meanwhile. */
  isUnchanged (cwd: string, paths: Iterable<string>): boolean {
    for (const path of paths) {
      const file = resolve(cwd, path)
      const stats = statOf(file)
      const same = stats?.isDirectory() === true ? this.isUnchanged(file, filesIn(file)) : this.#seen.get(file) === fingerprintOf(stats)
      if (!same) return false
    }
    return true
  }

  async #hashAll (files: ReadonlyMap<string, string>, hashes: Map<string, string>): Promise<void> {
    const changed: { path: string, file: string, fingerprint: string }[] = []
    let count = 0
    for (const [path, file] of files) {
      // Synchronous: ten times faster. In slices, so that requests get their turn.
      if (++count % FILES_PER_SLICE === 0) await setImmediate()
      const stats = statOf(file)
      const fingerprint = fingerprintOf(stats)
      this.#seen.set(file, fingerprint)
      const before = this.#known.get(file)
      if (fingerprint === MISSING) hashes.set(path, MISSING)
      else if (before?.[0] === fingerprint) hashes.set(path, before[1])
      else changed.push({ path, file, fingerprint: Math.abs(Date.now() - (stats as Stats).ctimeMs) > CLOCK_TICK_MS ? fingerprint : '' })
    }
    const work = async () => {
      for (let one = changed.pop(); one !== undefined; one = changed.pop()) {
        const hash = await readFile(one.file).then(contents => sha256(contents), () => MISSING)
        hashes.set(one.path, hash)
        if (hash !== MISSING && one.fingerprint !== '') this.#known.set(one.file, [one.fingerprint, hash])
      }
    }
    await Promise.all(Array.from({ length: MAX_PARALLEL }, work))
  }
}

const statOf = (file: string): Stats | undefined => statSync(file, { throwIfNoEntry: false })

const fingerprintOf = (stats: Stats | undefined): string => stats?.isFile() === true ? statFingerprint(stats) : MISSING

function filesIn (dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(dir.length + 1)).sort()
}
