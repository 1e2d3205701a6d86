// What a builder keeps from one build to the next: results of shards, hashes, costs, and what lies in the site's directory.
import type { BuildContext } from '../../../types/build.js'
import type { ShardCache, ShardFile, ShardResult } from '../../../types/shards.js'
import { describe } from '../../builds/diagnostics/describe.js'
import { Costs } from './plan/costs.js'
import { digestOf } from './plan/digest.js'
import { FileHashes } from './plan/file-hashes.js'
import { checkStored } from './run/result.js'
import { Site } from './site/site.js'

/** A shard's result as it is kept. Its contents are kept apart, because most builds do not need them. */
export interface Kept {
  readonly result: ShardResult
  readonly files: readonly ShardFile[]
  /** Milliseconds that it took. */
  readonly ms: number
}

type Log = BuildContext['log']

export class Memory {
  readonly site: Site
  readonly costs = new Costs()
  readonly hashes = new FileHashes()
  readonly #cache: ShardCache | undefined
  /** Of the last build that succeeded. */
  #results: ReadonlyMap<string, Kept> = new Map()
  #isLoaded = false
  #isReported = false
  #saving: Promise<void> = Promise.resolve()

  constructor (dir: string, cache: ShardCache | undefined) {
    this.site = new Site(dir)
    this.#cache = cache
  }

  /** Before a build: reads what an earlier process knew. */
  async load (log: Log): Promise<void> {
    if (this.#isLoaded) return
    this.#isLoaded = true
    for (const [name, part] of this.#notes()) part.restore(await this.#attempt(log, () => this.#cache?.recall?.(name)))
  }

  /** After a build. What lies in the directory is known to the next process, whatever happens to this one; the rest is saved in the background. */
  async save (results: ReadonlyMap<string, Kept>, log: Log): Promise<void> {
    this.#results = results
    this.hashes.end()
    const unknown = await this.site.listUnknown()
    if (unknown.length > 0) log(`${this.site.dir} holds files that this build did not write (${unknown.length}, such as ${unknown[0]}): they stay, because no note of an earlier build says whose they are`)
    const [site, ...others] = this.#notes().map(([name, part]) => () => this.#attempt(log, () => this.#cache?.remember?.(name, part.toNote()))) as [() => Promise<unknown>]
    await site()
    this.#saving = this.#saving.then(async () => { for (const save of others as (() => Promise<unknown>)[]) await save() })
  }

  /** Before files are moved: a process that is killed meanwhile leaves none behind that the next one does not know. */
  async announce (log: Log): Promise<void> {
    const note = this.site.announce()
    if (note !== undefined) await this.#attempt(log, () => this.#cache?.remember?.(this.#notes()[0]?.[0] as string, note))
  }

  /** What was built under this key. */
  async get (key: string, log: Log): Promise<Kept | undefined> {
    const known = this.#results.get(key)
    if (known !== undefined) return known
    const stored = await this.#attempt(log, () => this.#cache?.get(key))
    try {
      return stored === undefined ? undefined : checkStored(stored)
    } catch {
      // Of another version, or not ours.
      return undefined
    }
  }

  /** The contents of its files, when they can be read and are whole. */
  async contents (key: string, files: readonly ShardFile[], log: Log): Promise<Uint8Array | undefined> {
    const bytes = await this.#attempt(log, () => this.#cache?.get(contentsKey(key)))
    const end = Math.max(0, ...files.map(({ offset, length }) => offset + length))
    return bytes instanceof Uint8Array && bytes.length >= end ? bytes : undefined
  }

  /** Errors are not kept. */
  async put (key: string, kept: Kept, contents: () => Promise<Uint8Array>, log: Log): Promise<void> {
    const cache = this.#cache
    if (cache === undefined) return
    const bytes = await contents()
    // The contents first: an entry without them would be of no use.
    await this.#attempt(log, async () => {
      await cache.put(contentsKey(key), bytes)
      await cache.put(key, kept)
    })
  }

  async close (): Promise<void> {
    await this.#saving
    await this.site.close()
  }

  #notes (): [string, { restore (note: unknown): void, toNote (): unknown }][] {
    // Several sites may share a cache.
    const site = digestOf(this.site.dir)
    return [[`site ${site}`, this.site], [`hashes ${site}`, this.hashes], [`costs ${site}`, this.costs]]
  }

  /** A cache that fails makes builds slower, not wrong. */
  async #attempt (log: Log, run: () => unknown): Promise<unknown> {
    try {
      return await run()
    } catch (error) {
      if (!this.#isReported) log(`the cache of shards does not work, so builds go on without it: ${describe(error).message}`)
      this.#isReported = true
      return undefined
    }
  }
}

const contentsKey = (key: string): string => `${key}.files`
