// Writes files one behind the other into one, and keeps where each of them is: memory holds one file at a time.
import { createHash } from 'node:crypto'
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { ShardFile } from '../../../../types/shards.js'
import { withSlashes } from '../../../shared/paths.js'
import { isSafePath } from '../plan/paths.js'

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
  readonly #files = new Map<string, ShardFile>()
  #offset = 0

  private constructor (handle: FileHandle) {
    this.#handle = handle
  }

  static async create (path: string): Promise<Packer> {
    return new Packer(await open(path, 'w'))
  }

  get paths (): ReadonlySet<string> { return new Set(this.#files.keys()) }

  /** @throws when the path was added before, or leads out of the directory. */
  async add (path: string, contents: string | Uint8Array): Promise<void> {
    if (!isSafePath(path)) throw new Error(`${path} is no path within the output directory`)
    if (this.#files.has(path)) throw new Error(`${path} is written twice`)
    const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents
    this.#files.set(path, { path, hash: createHash('sha256').update(bytes).digest('hex'), offset: this.#offset, length: bytes.length })
    this.#offset += bytes.length
    await this.#handle.appendFile(bytes)
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
    await this.#handle.close()
    return [...this.#files.values()].sort((a, b) => a.path < b.path ? -1 : 1)
  }
}
