// Runs shards on other machines: a ShardRunner.
import type { BuildContext } from '../../../../types/build.js'
import type { Shard, ShardJob, ShardOutcome, ShardRunner } from '../../../../types/shards.js'
import { local } from '../../shards/run/local.js'
import { parseDistributed, type DistributedOptions, type DistributedSettings } from '../options.js'
import { Artifacts } from '../wire/artifacts.js'
import { PromptStore } from '../wire/prompt-store.js'
import { Seal } from '../wire/seal.js'
import { Line } from './line.js'
import { RemoteBuild } from './remote-build.js'

/** Some time for what a build leaves to be tidied. */
const TIDY_TIMEOUT_MS = 1_500

/**
 * Shards are built by whoever runs `serveShards()` or `fastify-live-reload worker` with the same connection, store and secret.
 * What cannot be built there is built here.
 * @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION
 */
export function distributed (options: DistributedOptions): ShardRunner {
  return new DistributedRunner(parseDistributed(options))
}

class DistributedRunner implements ShardRunner {
  readonly name = 'distributed'
  readonly #settings: DistributedSettings
  readonly #seal: Seal
  readonly #artifacts: Artifacts
  readonly #local = local()
  readonly #tidying = new Set<Promise<void>>()
  #line: Promise<Line> | undefined

  constructor (settings: DistributedSettings) {
    this.#settings = settings
    this.#seal = new Seal(settings.secret, settings.project)
    this.#artifacts = new Artifacts(new PromptStore(settings.store, settings.storeTimeout), this.#seal)
  }

  async warm (file: string): Promise<void> {
    // A broker that is away is told of by the first build.
    this.#open(() => {}).catch(() => {})
    await this.#local.warm?.(file)
  }

  async * run (shards: readonly Shard[], job: ShardJob, context: BuildContext): AsyncGenerator<ShardOutcome> {
    if (shards.length === 0) return
    context.signal.throwIfAborted()
    // So little work is done before another machine has heard of it.
    if (job.workers === 1) {
      const start = performance.now()
      for await (const outcome of this.#local.run(shards, job, context)) {
        this.#settings.onShard({ shard: outcome.shard.id, where: 'local', totalMs: performance.now() - start, ms: outcome.ms })
        yield outcome
      }
      return
    }
    const build = new RemoteBuild({ shards, job, context, settings: this.#settings, seal: this.#seal, artifacts: this.#artifacts, local: this.#local, open: () => this.#open(context.log) })
    try {
      yield * build.run()
    } finally {
      const tidying: Promise<void> = build.tidy().finally(() => this.#tidying.delete(tidying))
      this.#tidying.add(tidying)
    }
  }

  async close (): Promise<void> {
    const line = await this.#line?.catch(() => undefined)
    let timer: NodeJS.Timeout | undefined
    await Promise.race([Promise.all(this.#tidying), new Promise(resolve => { timer = setTimeout(resolve, TIDY_TIMEOUT_MS) })])
    clearTimeout(timer)
    await Promise.all([line?.close(), this.#local.close?.()])
  }

  /** The connection there is, or a new one. */
  async #open (log: (text: string) => void): Promise<Line> {
    const before = await this.#line?.catch(() => undefined)
    if (before === undefined || before.isLost) {
      this.#line = Line.open(this.#settings, log)
      // Without a listener a rejection would be unhandled.
      this.#line.catch(() => {})
    }
    return await (this.#line as Promise<Line>)
  }
}
