// One build of a site, in the order of time: pages, plan, shards, derived pages, merge, publish.
import type { BuildContext, BuildRequest, BuildResult, Diagnostic } from '../../../types/build.js'
import type { Page, Partition, Shard, ShardFile, ShardJob, ShardOutcome } from '../../../types/shards.js'
import { untilAborted } from '../../builds/scheduler/deadline.js'
import { saltOf, type Salt } from './plan/salt.js'
import { checkPages, checkVersions, failure } from './plan/pages.js'
import { warnOfMissing } from './plan/missing.js'
import { filesOf, planShards } from './plan/plan.js'
import { runMerge } from './run/run-merge.js'
import { Gathered } from './site/gathered.js'
import type { Batch, Site } from './site/site.js'
import type { Kept, Memory } from './memory.js'
import type { ShardedSettings } from './options.js'
import { viewOf } from './plan/views.js'
import { SiteProgress } from './site/progress.js'
import { explainWriting } from '../../builds/builders/stage.js'

export interface SiteRun {
  readonly request: BuildRequest & { readonly outDir: string }
  readonly context: BuildContext
  /** Only pages of these are built; what is made from the pages of all versions stays as it is. @default all */
  readonly versions: readonly string[] | undefined
}

/** Pages that are built together. */
interface Wave {
  readonly all: readonly Page[]
  readonly module: string
  readonly partition: Partition
  readonly globals: unknown
  readonly prefix: string
}

/** Below this estimate one worker builds all: starting a second takes as long. */
const MIN_PARALLEL_MS = 1_000
const MAX_VIEWS = 3

export class SiteBuild {
  readonly #settings: ShardedSettings
  readonly #memory: Memory
  readonly #run: SiteRun
  readonly #progress: SiteProgress
  readonly #gathered = new Gathered()
  /** By module: waves may share one. */
  readonly #salts = new Map<string, Salt>()

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
      for (const pid of await site.begin().catch(explainFor(site))) context.log(`another server builds into ${site.dir} as well (pid ${pid}): they overwrite each other`)
      await this.#build()
      context.signal.throwIfAborted()
      if (this.#gathered.hasFailed) return this.#gathered.result([])
      await this.#memory.announce(context.log)
      const outputs = await site.publish().catch(explainFor(site))
      await this.#memory.save(this.#gathered.kept, context.log)
      return this.#gathered.result(outputs)
    } finally {
      await site.discard()
    }
  }

  async #build (): Promise<void> {
    const { pages, globals, module, partition, derived, merge } = this.#settings
    const { request, context: { signal } } = this.#run
    this.#memory.hashes.begin()
    // What never settles must not hold up the next build.
    const given: unknown = await untilAborted(call(() => pages(request)), signal)
    if (!this.#accept(checkPages(given))) return
    const all = given as readonly Page[]
    if (!this.#accept(checkVersions(all, this.#run.versions ?? []))) return
    const shared = await untilAborted(call(() => globals?.(all, request)), signal)
    await this.#buildPages({ all, module, partition, globals: shared, prefix: '' })
    if (this.#run.versions !== undefined) {
      this.#memory.site.keepOthers()
      return
    }
    const first = this.#gathered.sortedResults()
    for (const [i, wave] of derived.entries()) {
      if (this.#gathered.hasFailed) return
      const more: unknown = await untilAborted(call(() => wave.pages(first, request)), signal)
      if (!this.#accept(checkPages(more, 'derived.pages()'))) return
      await this.#buildPages({ ...wave, all: more as readonly Page[], globals: shared, prefix: derived.length > 1 ? `derived-${i + 1}/` : 'derived/' })
    }
    if (this.#gathered.hasFailed || merge === undefined) return
    this.#gathered.merged(await runMerge(merge, this.#gathered.sortedResults(), request, this.#run.context, (files, contents) => this.#place({ maker: 'the merge', files, contents })))
  }

  #accept (diagnostics: readonly Diagnostic[]): boolean {
    this.#gathered.report(diagnostics)
    return diagnostics.length === 0
  }

  /** One wave: what is kept is taken, the rest is built. */
  async #buildPages ({ all, module, partition, globals, prefix }: Wave): Promise<void> {
    const { shards: count, version, globalsFor } = this.#settings
    const { request, context, versions } = this.#run
    const { hashes, costs } = this.#memory
    const pages = versions === undefined ? all : all.filter(page => page.version === undefined || versions.includes(page.version))
    const { text, files } = this.#salts.get(module) ?? await saltOf(module, request, version, hashes)
    this.#salts.set(module, { text, files })
    const hashOf = await hashes.of(request.cwd, filesOf(all))
    this.#gathered.report(warnOfMissing(pages, hashOf))
    const plan = await planShards({
      cwd: request.cwd,
      pages,
      partition,
      shards: count,
      costs,
      hashes: hashOf,
      salt: text,
      globals,
      globalsFor,
      prefix,
      isKept: async key => await this.#memory.get(key, context.log) !== undefined
    })
    if (Array.isArray(plan)) {
      this.#accept(plan)
      return
    }
    this.#gathered.planned(pages, plan.shards.length)
    this.#progress.add(pages.length)
    const toBuild: Shard[] = []
    for (const shard of plan.shards) {
      context.signal.throwIfAborted()
      if (!await this.#take(shard)) toBuild.push(shard)
    }
    const views = this.#views(toBuild)
    // planShards() has sorted by cost. Shards that tabs show go first, and the others keep their order.
    toBuild.sort((a, b) => Number(views.has(b)) - Number(views.has(a)))
    const { site } = this.#memory
    const placed = Object.fromEntries(toBuild.map(shard => [shard.id, site.placedBy(makerOf(shard))]))
    await this.#buildShards(toBuild, { views, files }, {
      file: module, request, globals: plan.globals, timeout: this.#settings.timeout, stage: { dir: site.stage, placed }, workers: this.#chooseWorkers(toBuild)
    })
  }

  /** `undefined`: as many as the runner has. */
  #chooseWorkers (toBuild: readonly Shard[]): number | undefined {
    const { minPages, shards, runner } = this.#settings
    const isSmall = this.#gathered.pages < minPages || (this.#memory.costs.known && toBuild.reduce((sum, { estimatedMs }) => sum + estimatedMs, 0) < MIN_PARALLEL_MS)
    const workers = isSmall || shards === false ? 1 : undefined
    this.#gathered.toBuild(toBuild.length, workers ?? runner.workers?.(toBuild.length))
    return workers
  }

  /** Takes a shard that was built before, when all of it is still there. */
  async #take (shard: Shard): Promise<boolean> {
    const { log } = this.#run.context
    const kept = await this.#memory.get(shard.key, log)
    if (kept === undefined) return false
    const contents = this.#memory.site.needsWriting(kept.files) ? await this.#memory.contents(shard.key, kept.files, log) : new Uint8Array()
    if (contents === undefined) return false
    await this.#add(shard, kept, async () => contents)
    return true
  }

  async #buildShards (shards: readonly Shard[], { views, files: ofModule }: { readonly views: ReadonlySet<Shard>, readonly files: readonly string[] }, job: ShardJob): Promise<void> {
    if (shards.length === 0) return
    const { runner, isFailFast } = this.#settings
    const { context } = this.#run
    const outcomes = runner.run(shards, job, { ...context, progress: progress => this.#progress.within(progress) })
    for await (const outcome of outcomes) {
      context.signal.throwIfAborted()
      const { shard, result, files } = outcome
      this.#gathered.built(shard)
      if (result.errors.some(({ severity }) => severity === 'error')) {
        this.#gathered.report(result.errors)
        if (isFailFast) return
        continue
      }
      await this.#keep(outcome, [...ofModule, ...filesOf(shard.pages)])
      if (views.has(shard)) await this.#show(files)
    }
  }

  async #keep ({ shard, result, files, contents, staged, ms }: ShardOutcome, sources: readonly string[]): Promise<void> {
    const { request: { cwd }, context: { log } } = this.#run
    const { hashes, costs } = this.#memory
    const kept = { result, files, ms }
    // What was saved since the key was made is in the result, perhaps: it must not be found under that key.
    const isCurrent = hashes.isUnchanged(cwd, sources)
    if (isCurrent) await this.#memory.put(shard.key, kept, contents, log)
    costs.measured(shard.id, shard.pages, ms)
    await this.#add(shard, kept, contents, { isCurrent, staged })
  }

  /** Shards with pages that tabs show. The first few only: with many tabs open this would be most of the site. */
  #views (shards: readonly Shard[]): Set<Shard> {
    const { request: { viewed = [] } } = this.#run
    const isViewed = viewOf(viewed.slice(0, MAX_VIEWS))
    return new Set(shards.filter(({ pages }) => pages.some(isViewed)))
  }

  /** People wait for the page before their eyes: it does not wait for the rest of the site. */
  async #show (files: readonly ShardFile[]): Promise<void> {
    const { publish } = this.#run.context
    if (publish === undefined || this.#gathered.hasFailed) return
    await this.#memory.announce(this.#run.context.log)
    const outputs = await this.#memory.site.publishEarly(files)
    if (outputs.length > 0) await publish(outputs)
  }

  async #add (shard: Shard, kept: Kept, contents: Batch['contents'], { isCurrent = true, staged }: { readonly isCurrent?: boolean, readonly staged?: Batch['staged'] } = {}): Promise<void> {
    this.#gathered.add(shard, kept, isCurrent)
    this.#progress.done(shard)
    await this.#place({ maker: makerOf(shard), files: kept.files, contents, staged })
  }

  async #place (batch: Batch): Promise<void> {
    this.#gathered.addFiles(batch.files)
    const clash = await this.#memory.site.add(batch)
    if (clash !== undefined) this.#gathered.report([failure(clash)])
  }
}

const makerOf = ({ id }: Shard): string => `the shard ${id}`

const explainFor = (site: Site) => (error: unknown): never => { throw new Error(explainWriting(error, site.dir, !site.isTouched), { cause: error }) }

/** A function of the app may throw at once. */
const call = async <T>(run: () => T | Promise<T>): Promise<T> => await run()
