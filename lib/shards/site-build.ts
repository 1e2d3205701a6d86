// One build of a site, in the order of time: pages, plan, shards, derived pages, merge, publish.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuildContext, BuildRequest, BuildResult, Diagnostic } from '../../types/build.js'
import type { Page, Shard, ShardFile, ShardResult } from '../../types/shards.js'
import { salt } from './plan/salt.js'
import { checkPages, failure } from './plan/pages.js'
import { filesOf, planShards } from './plan/plan.js'
import { packDirectory } from './run/packer.js'
import { countSite } from './site/counts.js'
import type { Kept, Memory } from './memory.js'
import type { ShardedSettings } from './options.js'
import { viewOf } from './plan/views.js'
import { SiteProgress } from './site/progress.js'
import { explainWriting } from '../builds/builders/stage.js'
import { joinEqual } from './run/result.js'

export interface SiteRun {
  readonly request: BuildRequest & { readonly outDir: string }
  readonly context: BuildContext
  /** Only pages of these are built; what is made from the pages of all versions stays as it is. @default all */
  readonly versions: readonly string[] | undefined
}

type NamedResult = ShardResult & { readonly shardId: string }

/** Less work is done by one worker: starting another takes as long. */
const MIN_PARALLEL_MS = 1_000
const MAX_VIEWS = 3

export class SiteBuild {
  readonly #settings: ShardedSettings
  readonly #memory: Memory
  readonly #run: SiteRun
  readonly #progress: SiteProgress
  /** By key: what this build consists of. */
  readonly #kept = new Map<string, Kept>()
  readonly #results: NamedResult[] = []
  readonly #diagnostics: Diagnostic[] = []
  readonly #pages: Page[] = []
  readonly #files: ShardFile[] = []
  readonly #built: string[] = []
  #merged: Partial<BuildResult> = {}
  #shards = 0
  #workers = 0

  constructor (settings: ShardedSettings, memory: Memory, run: SiteRun) {
    this.#settings = settings
    this.#memory = memory
    this.#run = run
    this.#progress = new SiteProgress(run.context)
  }

  async run (): Promise<Partial<BuildResult>> {
    const { context } = this.#run
    const { site } = this.#memory
    await this.#memory.load(context.log)
    try {
      for (const pid of await site.begin().catch(explainFor(site.dir))) context.log(`another server builds into ${site.dir} as well (pid ${pid}): they overwrite each other`)
      await this.#build()
      context.signal.throwIfAborted()
      if (this.#hasFailed) return this.#result([])
      const outputs = await site.publish().catch(explainFor(site.dir))
      await this.#memory.save(this.#kept, context.log)
      return this.#result(outputs)
    } finally {
      await site.discard()
    }
  }

  get #hasFailed (): boolean {
    return this.#diagnostics.some(({ severity }) => severity === 'error') || this.#merged.ok === false
  }

  async #build (): Promise<void> {
    const { settings: { pages, globals, module, derived, merge }, request } = { settings: this.#settings, request: this.#run.request }
    const given: unknown = await pages(request)
    if (!this.#accept(checkPages(given))) return
    const all = given as readonly Page[]
    const shared = await globals?.(all, request)
    await this.#buildPages(all, module, shared, '')
    if (this.#run.versions !== undefined) {
      this.#memory.site.keepOthers()
      return
    }
    const first = this.#sortedResults()
    for (const [i, wave] of derived.entries()) {
      if (this.#hasFailed) return
      const more: unknown = await wave.pages(first, request)
      if (!this.#accept(checkPages(more, 'derived.pages()'))) return
      await this.#buildPages(more as readonly Page[], wave.module, shared, derived.length > 1 ? `derived-${i + 1}/` : 'derived/')
    }
    if (this.#hasFailed || merge === undefined) return
    await this.#merge(merge)
  }

  #accept (diagnostics: readonly Diagnostic[]): boolean {
    this.#diagnostics.push(...diagnostics)
    return diagnostics.length === 0
  }

  /** One wave: what is kept is taken, the rest is built. */
  async #buildPages (all: readonly Page[], module: string, globals: unknown, prefix: string): Promise<void> {
    const { partition, shards: count, version, globalsFor } = this.#settings
    const { request, context, versions } = this.#run
    const { hashes, costs } = this.#memory
    const pages = versions === undefined ? all : all.filter(page => page.version === undefined || versions.includes(page.version))
    const plan = planShards({
      cwd: request.cwd,
      pages,
      partition,
      shards: count,
      costs,
      hashes: await hashes.of(request.cwd, filesOf(all)),
      salt: await salt(module, request, version),
      globals,
      globalsFor,
      prefix
    })
    if (Array.isArray(plan)) {
      this.#accept(plan)
      return
    }
    this.#pages.push(...pages)
    this.#shards += plan.shards.length
    this.#progress.add(pages.length)
    const missing: Shard[] = []
    for (const shard of plan.shards) {
      context.signal.throwIfAborted()
      if (!await this.#take(shard)) missing.push(shard)
    }
    const views = this.#views(missing)
    // Sorted by cost already: the sort is stable.
    missing.sort((a, b) => Number(views.has(b)) - Number(views.has(a)))
    await this.#buildShards(missing, views, { file: module, request, globals: plan.globals, timeout: this.#settings.timeout, workers: this.#workersFor(pages.length, missing) })
  }

  #workersFor (pages: number, missing: readonly Shard[]): number | undefined {
    const { minPages, shards, runner } = this.#settings
    const isSmall = pages < minPages || (this.#memory.costs.known && missing.reduce((sum, { weight }) => sum + weight, 0) < MIN_PARALLEL_MS)
    const workers = isSmall || shards === false ? 1 : undefined
    this.#workers = Math.max(this.#workers, Math.min(missing.length, workers ?? runner.workers?.(missing.length) ?? 1))
    return workers
  }

  /** Takes a shard that was built before, when all of it is still there. */
  async #take (shard: Shard): Promise<boolean> {
    const { log } = this.#run.context
    const kept = await this.#memory.get(shard.key, log)
    if (kept === undefined) return false
    const contents = this.#memory.site.isMissing(kept.files) ? await this.#memory.contents(shard.key, kept.files, log) : new Uint8Array()
    if (contents === undefined) return false
    await this.#add(shard, kept, async () => contents)
    return true
  }

  async #buildShards (shards: readonly Shard[], views: ReadonlySet<Shard>, job: Parameters<ShardedSettings['runner']['run']>[1]): Promise<void> {
    if (shards.length === 0) return
    const { runner, isFailFast } = this.#settings
    const { context } = this.#run
    const outcomes = runner.run(shards, job, { ...context, progress: progress => this.#progress.within(progress) })
    for await (const { shard, result, files, contents, ms } of outcomes) {
      context.signal.throwIfAborted()
      this.#built.push(shard.id)
      if (result.errors.some(({ severity }) => severity === 'error')) {
        this.#diagnostics.push(...result.errors)
        if (isFailFast) return
        continue
      }
      const kept = { result, files, ms }
      const bytes = await contents()
      await this.#memory.put(shard.key, kept, bytes, context.log)
      this.#memory.costs.measured(shard.id, shard.pages, ms)
      await this.#add(shard, kept, async () => bytes)
      if (views.has(shard)) await this.#show(files)
    }
  }

  /** Shards with pages that tabs show. A few: what all tabs show is the whole site in the end. */
  #views (shards: readonly Shard[]): Set<Shard> {
    const { request: { viewed = [] } } = this.#run
    const isViewed = viewOf(viewed.slice(0, MAX_VIEWS))
    return new Set(shards.filter(({ pages }) => pages.some(isViewed)))
  }

  /** People wait for the page before their eyes: it does not wait for the rest of the site. */
  async #show (files: readonly ShardFile[]): Promise<void> {
    const { publish } = this.#run.context
    if (publish === undefined || this.#hasFailed) return
    const outputs = await this.#memory.site.publishEarly(files)
    if (outputs.length > 0) await publish(outputs)
  }

  async #add (shard: Shard, kept: Kept, contents: () => Promise<Uint8Array>): Promise<void> {
    this.#kept.set(shard.key, kept)
    this.#results.push({ ...kept.result, shardId: shard.id })
    this.#diagnostics.push(...kept.result.errors)
    this.#progress.done(shard)
    await this.#place(`the shard ${shard.id}`, kept.files, contents)
  }

  async #place (maker: string, files: readonly ShardFile[], contents: () => Promise<Uint8Array>): Promise<void> {
    this.#files.push(...files)
    const clash = await this.#memory.site.add(maker, files, contents)
    if (clash !== undefined) this.#diagnostics.push(failure(clash))
  }

  async #merge (merge: NonNullable<ShardedSettings['merge']>): Promise<void> {
    const { request, context } = this.#run
    const dir = await mkdtemp(join(tmpdir(), 'live-reload-merge-'))
    try {
      const { diagnostics = [], ...merged } = await merge(this.#sortedResults(), { ...request, outDir: join(dir, 'out') }, context) ?? {}
      this.#diagnostics.push(...diagnostics)
      this.#merged = merged
      const files = await packDirectory(join(dir, 'out'), join(dir, 'files'))
      await this.#place('the merge', files, () => readFile(join(dir, 'files')))
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  }

  /** The order in which shards end must not show. */
  #sortedResults (): NamedResult[] {
    return [...this.#results].sort((a, b) => a.shardId < b.shardId ? -1 : 1)
  }

  #result (outputs: readonly string[]): Partial<BuildResult> {
    const meta = { shards: this.#shards, built: this.#built.sort(), cached: this.#shards - this.#built.length, workers: this.#workers }
    const diagnostics = joinEqual(this.#diagnostics)
    if (this.#hasFailed) return { ok: false, diagnostics, meta }
    const counts = countSite(this.#pages, this.#files)
    return { ...this.#merged, diagnostics, outputs, pages: counts.pages, counts, meta: { ...this.#merged.meta, ...meta } }
  }
}

function explainFor (dir: string): (error: unknown) => never {
  return error => { throw new Error(explainWriting(error, dir), { cause: error }) }
}
