// Writes files one behind the other into one, and keeps where each of them is: memory holds a few files at a time.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShardFile } from '../../../../types/shards.js'
import { withSlashes } from '../../../shared/paths.js'
import { isSafePath } from '../plan/paths.js'

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
  const packer = await Packer.create(path)
  try {
    await packer.addDirectory(dir)
  } catch (error) {
    await packer.end()
    throw error
  }
  return packer.end()
}

export class Packer {
  readonly #handle: FileHandle
  readonly #stage: PackerStage | undefined
  readonly #files = new Map<string, ShardFile>()
  readonly #staged = new Map<string, string>()
  #buffered: Uint8Array[] = []
  #bufferedBytes = 0
  #offset = 0

  private constructor (handle: FileHandle, stage: PackerStage | undefined) {
    this.#handle = handle
    this.#stage = stage
  }

  static async create (path: string, stage?: PackerStage): Promise<Packer> {
    return new Packer(await open(path, 'w'), stage)
  }

  get paths (): ReadonlySet<string> { return new Set(this.#files.keys()) }

  /** Path -> absolute path in the stage. */
  get staged (): ReadonlyMap<string, string> { return this.#staged }

  /** @throws when the path was added before, or leads out of the directory. */
  async add (path: string, contents: string | Uint8Array): Promise<void> {
    if (!isSafePath(path)) throw new Error(`${path} is no path within the output directory`)
    if (this.#files.has(path)) throw new Error(`${path} is written twice`)
    const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents
    const hash = createHash('sha256').update(bytes).digest('hex')
    this.#files.set(path, { path, hash, offset: this.#offset, length: bytes.length })
    this.#offset += bytes.length
    this.#stageFile(path, hash, bytes)
    this.#buffered.push(bytes)
    this.#bufferedBytes += bytes.length
    if (this.#bufferedBytes > MAX_BUFFERED) await this.#flush()
  }

  /** All files of a directory. Links are left out: they would point somewhere else. */
  async addDirectory (dir: string): Promise<void> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    const paths = entries.filter(entry => entry.isFile()).map(entry => withSlashes(join(entry.parentPath, entry.name).slice(dir.length + 1)))
    for (const path of paths.sort()) await this.add(path, await readFile(join(dir, path)))
  }

  /** The files, sorted by path. */
  async end (): Promise<ShardFile[]> {
    try {
      await this.#flush()
    } finally {
      await this.#handle.close()
    }
    return [...this.#files.values()].sort((a, b) => a.path < b.path ? -1 : 1)
  }

  async #flush (): Promise<void> {
    const bytes = Buffer.concat(this.#buffered.splice(0))
    this.#bufferedBytes = 0
    await this.#handle.appendFile(bytes)
  }

  /** By number: a directory for each directory of the site would take as long as the files. Synchronous, which takes a third of the time. */
  #stageFile (path: string, hash: string, bytes: Uint8Array): void {
    if (this.#stage === undefined || (Object.hasOwn(this.#stage.placed, path) && this.#stage.placed[path] === hash)) return
    const file = join(this.#stage.dir, String(this.#staged.size))
    writeFileSync(file, bytes)
    this.#staged.set(path, file)
  }
}
