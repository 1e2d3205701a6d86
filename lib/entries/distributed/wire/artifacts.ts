// What lies in the store: tasks on the way to workers, results on the way back. Each is signed under its own name.
import type { Page, ShardCache, ShardFile, ShardOutcome, ShardResult } from '../../../../types/shards.js'
import { digestOf, sha256 } from '../../shards/plan/digest.js'
import { checkStored } from '../../shards/run/result.js'
import { PROTOCOL } from './order.js'
import type { Seal } from './seal.js'

/** What a shard is made from, beside files. */
export interface StoredTask {
  readonly pages: readonly Page[]
  readonly globals: unknown
  /** Hash of each source by its path. */
  readonly hashes: ReadonlyMap<string, string>
}

/** How a shard ended on a worker. */
export interface StoredEnd {
  readonly result: ShardResult
  readonly files: readonly ShardFile[]
  readonly ms: number
  readonly peakMemory: number
  /** Lines that the module logged. */
  readonly logs: readonly string[]
  /** The working directory there. */
  readonly cwd: string
}

export interface ReadEnd extends StoredEnd {
  /** They were whole a moment ago, and are read again: memory does not hold those of all shards. @throws Error when they are not there any more */
  contents (): Promise<Uint8Array>
}

export class Artifacts {
  readonly #store: ShardCache
  readonly #seal: Seal

  constructor (store: ShardCache, seal: Seal) {
    this.#store = store
    this.#seal = seal
  }

  /** @returns its name */
  async putTask (task: StoredTask): Promise<string> {
    const name = this.#seal.nameOf('task', digestOf(task))
    await this.#store.put(name, this.#seal.close(name, task))
    return name
  }

  async getTask (name: string): Promise<StoredTask | undefined> {
    return this.#seal.open(name, await this.#store.get(name)) as StoredTask | undefined
  }

  /** Under its key: whoever builds it again has the same. */
  putResult (key: string, end: StoredEnd, contents: Uint8Array): Promise<void> {
    return this.#putEnd(this.#seal.nameOf('result', PROTOCOL, key), end, contents)
  }

  getResult (key: string): Promise<ReadEnd | undefined> {
    return this.#getEnd(this.#seal.nameOf('result', PROTOCOL, key))
  }

  /** Of one build: the next one tries again. */
  putFailure (build: string, shard: string, end: StoredEnd): Promise<void> {
    return this.#putEnd(this.#seal.nameOf('failure', build, shard), end, new Uint8Array())
  }

  getFailure (build: string, shard: string): Promise<ReadEnd | undefined> {
    return this.#getEnd(this.#seal.nameOf('failure', build, shard))
  }

  /** From now on nobody works for this build: it is done, or not wanted any more. */
  async putOver (build: string): Promise<void> {
    const name = this.#seal.nameOf('over', build)
    await this.#store.put(name, this.#seal.close(name, true))
  }

  async isOver (build: string): Promise<boolean> {
    const name = this.#seal.nameOf('over', build)
    return this.#seal.open(name, await this.#store.get(name)) === true
  }

  async #putEnd (name: string, end: StoredEnd, contents: Uint8Array): Promise<void> {
    // The contents first: who finds the end can read them.
    await this.#store.put(`${name}.files`, contents)
    await this.#store.put(name, this.#seal.close(name, { ...end, digest: sha256(contents) }))
  }

  /** `undefined` when it is not there, not signed, or not whole. */
  async #getEnd (name: string): Promise<ReadEnd | undefined> {
    const end = this.#seal.open(name, await this.#store.get(name)) as StoredEnd & { readonly digest: string } | undefined
    if (end === undefined) return undefined
    checkStored(end)
    if (await this.#contents(name, end.digest) === undefined) return undefined
    return {
      ...end,
      contents: async () => {
        const contents = await this.#contents(name, end.digest)
        if (contents === undefined) throw new Error('the files of a shard are gone from the store, or were damaged there: build again')
        return contents
      }
    }
  }

  /** `undefined` when they are not whole. */
  async #contents (name: string, digest: string): Promise<Uint8Array | undefined> {
    const contents = await this.#store.get(`${name}.files`)
    return contents instanceof Uint8Array && sha256(contents) === digest ? contents : undefined
  }
}

/** Of an outcome, without its contents. */
export function toEnd ({ result, files, ms, peakMemory }: ShardOutcome, logs: readonly string[], cwd: string): StoredEnd {
  return { result, files, ms, peakMemory, logs, cwd }
}
