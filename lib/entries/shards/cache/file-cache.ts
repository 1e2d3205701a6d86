// Keeps values in files, each under the hash of its key. Several processes may use one directory.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { ShardCache } from '../../../../types/shards.js'
import { integer, known, pathOf } from '../../../options/check.js'
import { sha256 } from '../plan/digest.js'

export interface FileCacheOptions {
  /** Bytes of all entries and notes; the longest unused entries go first, and notes that no site has used for a month. @default 1 GiB */
  maxBytes?: number
}

const DEFAULT_MAX_BYTES = 1024 ** 3
/** Ends the key of the contents of a shard, which are used and removed with the entry of the same name. */
const CONTENTS = '.files'
/** Ends the name of a file being written. One of a process that has ended is removed with the oldest entries. */
const DRAFT = '.draft'
/** Bytes of the digest in front of each file. */
const DIGEST_BYTES = 32
/** What a file holds: bytes as they are, or a structured clone. */
const [BYTES, CLONE] = [0, 1] as const
/** Reading an entry says that it is used. Not each time: that would be a write for every read. */
const TOUCH_INTERVAL_MS = 3_600_000
const DRAFT_AGE_MS = 3_600_000
/** A site whose note was not used for so long is gone. */
const NOTE_AGE_MS = 30 * 86_400_000
/** Entries never change, notes do. Each kind has a directory. */
const KINDS = ['entries', 'notes'] as const

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function fileCache (dir: string | URL, options: FileCacheOptions = {}): Required<ShardCache> {
  known('fileCache.', options, ['maxBytes'])
  return new FileCache(resolve(pathOf('fileCache', dir)), integer('fileCache.maxBytes', options.maxBytes, DEFAULT_MAX_BYTES, 1, Number.MAX_SAFE_INTEGER))
}

class FileCache implements Required<ShardCache> {
  readonly #dir: string
  readonly #maxBytes: number
  /** Written since the size was last looked at. */
  #written = Infinity
  #pruning: Promise<void> | undefined

  constructor (dir: string, maxBytes: number) {
    this.#dir = dir
    this.#maxBytes = maxBytes
  }

  async get (key: string): Promise<unknown> {
    const path = this.#pathOf('entries', key)
    const value = await read(path)
    if (value !== undefined) await touch(path)
    return value
  }

  /** @throws the system's error when it cannot be written. */
  async put (key: string, value: unknown): Promise<void> {
    const path = this.#pathOf('entries', key)
    // Content-addressed: what is there is the same, unless it is damaged.
    if (await read(path) !== undefined) return
    await this.#write(path, value)
  }

  async recall (name: string): Promise<unknown> {
    const path = this.#pathOf('notes', name)
    const value = await read(path)
    if (value !== undefined) await touch(path)
    return value
  }

  /** @throws the system's error when it cannot be written. */
  async remember (name: string, value: unknown): Promise<void> {
    await this.#write(this.#pathOf('notes', name), value)
  }

  #pathOf (kind: typeof KINDS[number], key: string): string {
    const suffix = key.endsWith(CONTENTS) ? CONTENTS : ''
    const name = sha256(key.slice(0, key.length - suffix.length))
    return join(this.#dir, kind, name.slice(0, 2), name.slice(2) + suffix)
  }

  async #write (path: string, value: unknown): Promise<void> {
    const [tag, bytes] = value instanceof Uint8Array ? [BYTES, value] : [CLONE, serialize(value)]
    const draft = `${path}.${randomUUID()}${DRAFT}`
    await mkdir(dirname(path), { recursive: true })
    try {
      const handle = await open(draft, 'w')
      try {
        for (const part of [Buffer.from(sha256(Buffer.of(tag), bytes), 'hex'), Buffer.of(tag), bytes]) await handle.appendFile(part)
      } finally {
        await handle.close()
      }
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    this.#written += bytes.length + DIGEST_BYTES + 1
    if (this.#written > this.#maxBytes / 16) await (this.#pruning ??= this.#prune().finally(() => { this.#pruning = undefined }))
  }

  /**
   * Removes what was not used for the longest time, until there is some room again.
   * An entry is built again. A note is not: without it nobody knows which files of a site are its own. Only notes of sites that are gone go.
   */
  async #prune (): Promise<void> {
    const files = (await Promise.all(KINDS.map(async kind => await this.#filesOf(kind)))).flat()
    let bytes = files.reduce((sum, { size }) => sum + size, 0)
    const room = bytes > this.#maxBytes ? this.#maxBytes * 7 / 8 : Infinity
    for (const { kind, path, size, usedAt } of files.sort((a, b) => a.usedAt - b.usedAt)) {
      const age = Date.now() - usedAt
      const isLeftDraft = path.endsWith(DRAFT) && age > DRAFT_AGE_MS
      const isKept = bytes <= room || (kind === 'notes' && age < NOTE_AGE_MS)
      if (isKept && !isLeftDraft) continue
      await rm(path, { force: true })
      bytes -= size
    }
    this.#written = 0
  }

  async #filesOf (kind: typeof KINDS[number]) {
    const entries = await readdir(join(this.#dir, kind), { recursive: true, withFileTypes: true }).catch(() => [])
    return await Promise.all(entries.filter(entry => entry.isFile()).map(async entry => {
      const path = join(entry.parentPath, entry.name)
      // Another process may have removed it.
      const stats = await stat(path).catch(() => undefined)
      return { kind, path, size: stats?.size ?? 0, usedAt: stats?.mtimeMs ?? 0 }
    }))
  }
}

/** `undefined` when there is none. A damaged one is removed: the next build writes it again. */
async function read (path: string): Promise<unknown> {
  const contents = await readFile(path).catch(() => undefined)
  if (contents === undefined) return undefined
  const [digest, tagged] = [contents.subarray(0, DIGEST_BYTES), contents.subarray(DIGEST_BYTES)]
  try {
    if (digest.toString('hex') !== sha256(tagged)) throw new Error('damaged')
    const bytes = tagged.subarray(1)
    return tagged[0] === BYTES ? bytes : deserialize(bytes)
  } catch {
    await rm(path, { force: true }).catch(() => {})
    return undefined
  }
}

async function touch (path: string): Promise<void> {
  const now = Date.now()
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined || now - stats.mtimeMs <= TOUCH_INTERVAL_MS) return
  // Contents are read only when a file is missing, long after the entry: without them it is of no use then.
  for (const each of [path, path + CONTENTS]) await utimes(each, now / 1_000, now / 1_000).catch(() => {})
}
