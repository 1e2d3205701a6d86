// Writes files one behind the other into one, and keeps where each of them is: memory holds a few files at a time.
import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, writeFileSync, type Dirent } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShardFile } from '../../../../types/shards.js'
import { withSlashes } from '../../../shared/paths.js'
import { isSafePath, SAFE } from '../plan/paths.js'

/** A write for each file would take longer than all else. */
const MAX_BUFFERED = 64 * 1024

/** Where files are written a second time, each by itself, so that the server only has to move them. */
export interface PackerStage {
  /** Absolute. It exists. */
  readonly dir: string
  /** Hashes of files that are in the site already, by path. */
  readonly placed: Readonly<Record<string, string>>
}

/** All files of a directory, in the file `path`. */
export async function packDirectory (dir: string, path: string): Promise<ShardFile[]> {
  const packer = new Packer(path)
  try {
    await packer.addDirectory(dir)
    return packer.end()
  } finally {
    packer.abandon()
  }
}

export class Packer {
  /** `undefined` after the end: its number may be that of another file by then. */
  #fd: number | undefined
  readonly #stage: PackerStage | undefined
  readonly #files = new Map<string, ShardFile>()
  readonly #staged = new Map<string, string>()
  #buffered: Uint8Array[] = []
  #bufferedBytes = 0
  #offset = 0

  /** @throws the system's error */
  constructor (path: string, stage?: PackerStage) {
    this.#fd = openSync(path, 'w')
    this.#stage = stage
  }

  get paths (): ReadonlySet<string> { return new Set(this.#files.keys()) }

  /** Path -> absolute path in the stage. */
  get staged (): ReadonlyMap<string, string> { return this.#staged }

  /** @throws when the path was added before, or leads out of the directory, and the system's error */
  add (path: string, contents: string | Uint8Array): void {
    if (!isSafePath(path)) throw new Error(`${path} is no path ${SAFE}`)
    if (this.#files.has(path)) throw new Error(`${path} is written twice`)
    const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents
    const hash = createHash('sha256').update(bytes).digest('hex')
    this.#files.set(path, { path, hash, offset: this.#offset, length: bytes.length })
    this.#offset += bytes.length
    this.#stageFile(path, hash, bytes)
    this.#buffered.push(bytes)
    this.#bufferedBytes += bytes.length
    if (this.#bufferedBytes > MAX_BUFFERED) this.#flush()
  }

  /** All files of a directory. Links are left out: they would point somewhere else. */
  async addDirectory (dir: string): Promise<void> {
    const paths = entriesOf(dir).filter(entry => entry.isFile()).map(entry => withSlashes(join(entry.parentPath, entry.name).slice(dir.length + 1)))
    for (const path of paths.sort()) this.add(path, await readFile(join(dir, path)))
  }

  /** The files, sorted by path. */
  end (): ShardFile[] {
    try {
      this.#flush()
    } finally {
      this.abandon()
    }
    return [...this.#files.values()].sort((a, b) => a.path < b.path ? -1 : 1)
  }

  /** Nobody needs the file any more. */
  abandon (): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #flush (): void {
    const bytes = Buffer.concat(this.#buffered.splice(0))
    this.#bufferedBytes = 0
    if (this.#fd !== undefined) writeFileSync(this.#fd, bytes)
  }

  /** By number: a directory for each directory of the site would take as long as the files. Synchronous, which takes a third of the time. */
  #stageFile (path: string, hash: string, bytes: Uint8Array): void {
    if (this.#stage === undefined || (Object.hasOwn(this.#stage.placed, path) && this.#stage.placed[path] === hash)) return
    const file = join(this.#stage.dir, String(this.#staged.size))
    writeFileSync(file, bytes)
    this.#staged.set(path, file)
  }
}

function entriesOf (dir: string): Dirent[] {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
