// Shards that no worker builds are built on this machine, as they come.
import type { BuildContext } from '../../../types/build.js'
import type { Shard, ShardJob, ShardOutcome, ShardRunner } from '../../../types/shards.js'

interface HereOptions {
  readonly local: ShardRunner
  readonly job: ShardJob
  readonly context: BuildContext
}

export class Here {
  readonly #options: HereOptions
  readonly #done: (outcome: ShardOutcome) => void
  readonly #stop = new AbortController()
  readonly #queue: Shard[] = []
  readonly #reasons = new Map<string, Shard[]>()
  #working: Promise<void> | undefined

  constructor (options: HereOptions, done: (outcome: ShardOutcome) => void) {
    this.#options = options
    this.#done = done
  }

  add (shards: readonly Shard[], reason: string): void {
    if (shards.length === 0) return
    this.#queue.push(...shards)
    this.#reasons.set(reason, [...this.#reasons.get(reason) ?? [], ...shards])
    // What comes in the same moment is one line, and one run.
    this.#working ??= Promise.resolve().then(() => this.#work()).finally(() => { this.#working = undefined })
  }

  async stop (): Promise<void> {
    this.#stop.abort(new Error('the other shards are not needed any more'))
    await this.#working?.catch(() => {})
  }

  async #work (): Promise<void> {
    const { local, job, context } = this.#options
    const signal = AbortSignal.any([this.#stop.signal, context.signal])
    while (this.#queue.length > 0) {
      this.#explain()
      // All that have come meanwhile, longest first.
      const shards = this.#queue.splice(0).sort((a, b) => b.weight - a.weight)
      for await (const outcome of local.run(shards, job, { ...context, signal })) this.#done(outcome)
    }
  }

  #explain (): void {
    for (const [reason, shards] of this.#reasons) {
      const [first, second] = shards
      this.#options.context.log(`${second === undefined ? `the shard ${first?.id} is` : `${shards.length} shards are`} built on this machine: ${reason}`)
    }
    this.#reasons.clear()
  }
}
