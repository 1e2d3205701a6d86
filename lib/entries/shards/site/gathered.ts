// What a build has gathered so far, and the result that comes of it.
import type { BuildResult, Diagnostic } from '../../../../types/build.js'
import type { Page, Shard, ShardFile, ShardResult } from '../../../../types/shards.js'
import type { Kept } from '../memory.js'
import { freeze, joinEqual } from '../run/result.js'
import { countSite } from './counts.js'

export type NamedResult = ShardResult & { readonly shardId: string }

export class Gathered {
  readonly #kept = new Map<string, Kept>()
  readonly #results: NamedResult[] = []
  readonly #diagnostics: Diagnostic[] = []
  readonly #pages: Page[] = []
  readonly #files: ShardFile[] = []
  readonly #built: string[] = []
  #merged: Partial<BuildResult> = {}
  #shards = 0
  #toBuild = 0
  /** The most of all waves; undefined when the runner does not know. */
  #workers: number | undefined = 0

  /** By key: what this build consists of. */
  get kept (): ReadonlyMap<string, Kept> { return this.#kept }

  get pages (): number { return this.#pages.length }

  get hasFailed (): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error') || this.#merged.ok === false
  }

  planned (pages: readonly Page[], shards: number): void {
    for (const page of pages) this.#pages.push(page)
    this.#shards += shards
  }

  toBuild (shards: number, workers: number | undefined): void {
    this.#toBuild += shards
    if (shards > 0) this.#workers = this.#workers === undefined || workers === undefined ? undefined : Math.max(this.#workers, Math.min(shards, workers))
  }

  /** One was built, well or not. */
  built ({ id }: Shard): void {
    this.#built.push(id)
  }

  /** A shard of which all is there. `isCurrent`: it may be taken again by its key. */
  add (shard: Shard, kept: Kept, isCurrent: boolean): void {
    if (isCurrent) this.#kept.set(shard.key, kept)
    this.#results.push({ ...freeze(kept.result), shardId: shard.id })
    this.report(kept.result.errors)
  }

  addFiles (files: readonly ShardFile[]): void {
    for (const file of files) this.#files.push(file)
  }

  report (diagnostics: readonly Diagnostic[]): void {
    for (const one of diagnostics) this.#diagnostics.push(one)
  }

  merged ({ diagnostics = [], ...result }: Partial<BuildResult>): void {
    this.report(diagnostics)
    this.#merged = result
  }

  /** The order in which shards end must not show. */
  sortedResults (): NamedResult[] {
    return [...this.#results].sort((a, b) => a.shardId < b.shardId ? -1 : 1)
  }

  result (outputs: readonly string[]): Partial<BuildResult> {
    const meta = { shards: this.#shards, built: this.#built.sort(), cached: this.#shards - this.#toBuild, ...this.#workers !== undefined && { workers: this.#workers } }
    const diagnostics = joinEqual(this.#diagnostics)
    if (this.hasFailed) return { ok: false, diagnostics, meta }
    const counts = countSite(this.#pages, this.#files)
    return { ...this.#merged, diagnostics, outputs, pages: counts.pages, counts, meta: { ...this.#merged.meta, ...meta } }
  }
}
