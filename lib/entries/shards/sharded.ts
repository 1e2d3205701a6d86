// A site as a Builder: its pages are cut into shards, which are built side by side, kept, and merged.
import type { BuildContext, BuildRequest, BuildResult } from '../../../types/build.js'
import type { ShardedBuilder, ShardedOptions, ShardedOverrides } from '../../../types/shards.js'
import { known } from '../../options/check.js'
import { reportError, reportValue } from '../../builds/diagnostics/report.js'
import { untilAborted } from '../../builds/scheduler/deadline.js'
import { failure } from './plan/pages.js'
import { parseSharded, type ShardedSettings } from './options.js'
import { SiteBuild } from './site-build.js'
import { Memory } from './memory.js'

const OVERRIDES = ['shards', 'partition', 'errors', 'minPages', 'on', 'cache', 'versions']

/**
 * Builds a site of many pages. Each shard of them is built by a process of a pool, and only when its key is new.
 * @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION
 */
export function sharded (options: ShardedOptions): ShardedBuilder {
  return new Sharded(options, undefined)
}

class Sharded implements ShardedBuilder {
  readonly name: string
  readonly #options: ShardedOptions
  readonly #settings: ShardedSettings
  readonly #versions: readonly string[] | undefined
  /** By directory: whoever stages this builder gives the directory. */
  #memory: Memory | undefined
  /** Two builds at once would write to the same directory. */
  #last: Promise<unknown> = Promise.resolve()

  constructor (options: ShardedOptions, versions: readonly string[] | undefined) {
    this.#options = options
    this.#settings = parseSharded(options)
    this.#versions = versions
    this.name = this.#settings.name
  }

  build (request: BuildRequest, context: BuildContext): Promise<BuildResult> {
    const build = this.#last.then(() => this.#build(request, context))
    this.#last = build.catch(() => {})
    return untilAborted(build, context.signal)
  }

  async warm (): Promise<void> {
    await this.#settings.runner.warm?.(this.#settings.module)
  }

  async close (): Promise<void> {
    await Promise.all([this.#memory?.close(), this.#settings.runner.close?.()])
  }

  with (overrides: ShardedOverrides): ShardedBuilder {
    known('with.', overrides, OVERRIDES)
    const { versions = this.#versions, cache, ...others } = overrides
    const { cache: own, ...options } = this.#options
    const chosen = cache === undefined ? own : cache === false ? undefined : cache
    return new Sharded({ ...options, ...others, ...chosen && { cache: chosen } }, versions)
  }

  async #build (request: BuildRequest, context: BuildContext): Promise<BuildResult> {
    const { signal } = context
    signal.throwIfAborted()
    const start = performance.now()
    const measure = () => ({ ms: performance.now() - start, request })
    const finish = (result: BuildResult): BuildResult => result.ok ? result : { ...result, outputKept: this.#memory?.site.isTouched !== true }
    try {
      const outDir = this.#settings.outDir ?? request.outDir
      if (outDir === undefined) return finish(await reportValue({ diagnostics: [failure('`sharded.outDir` must be the directory to write to; only a builder within staged() gets it from there')] }, measure()))
      if (this.#memory?.site.dir !== outDir) {
        await this.#memory?.close()
        this.#memory = new Memory(outDir, this.#settings.cache)
      }
      const result = await new SiteBuild(this.#settings, this.#memory, { request: { ...request, outDir }, context, versions: this.#versions }).run()
      return finish(await reportValue(result, measure()))
    } catch (error) {
      signal.throwIfAborted()
      return finish(await reportError(error, measure()))
    }
  }
}
