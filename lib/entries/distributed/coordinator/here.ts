// Shards that no worker builds are built on this machine, as they come.
import type { BuildContext } from '../../../../types/build.js'
import type { Shard, ShardJob, ShardOutcome, ShardRunner } from '../../../../types/shards.js'

interface HereOptions {
  readonly local: ShardRunner
  readonly job: ShardJob
  readonly context: BuildContext
}

export class Here {
  readonly #options: HereOptions
  readonly #done: (outcome: ShardOutcome) => void
  readonly #fail: (error: unknown) => void
  readonly #stop = new AbortController()
  readonly #abort = (): void => this.#stop.abort(this.#options.context.signal.reason)
  readonly #queue: Shard[] = []
  /** Shards by the reason why they are built here: those that the log has not named yet. */
  readonly #untold = new Map<string, readonly Shard[]>()
  readonly #told = new Set<string>()
  #working: Promise<void> | undefined

  constructor (options: HereOptions, done: (outcome: ShardOutcome) => void, fail: (error: unknown) => void) {
    this.#options = options
    this.#done = done
    this.#fail = fail
    const { signal } = options.context
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort, { once: true })
  }

  add (shards: readonly Shard[], reason: string): void {
    if (shards.length === 0) return
    this.#queue.push(...shards)
    this.#untold.set(reason, [...this.#untold.get(reason) ?? [], ...shards])
    // What comes in the same moment is one line, and one run.
    this.#working ??= Promise.resolve().then(() => this.#work()).catch(this.#fail)
  }

  async stop (): Promise<void> {
    this.#options.context.signal.removeEventListener('abort', this.#abort)
    this.#stop.abort(new Error('the other shards are not needed any more'))
    await this.#working
    for (const [reason, { length }] of this.#untold) this.#options.context.log(`${length} more ${length === 1 ? 'shard was' : 'shards were'} built on this machine: ${reason}`)
  }

  async #work (): Promise<void> {
    const { local, job, context } = this.#options
    const { signal } = this.#stop
    while (this.#queue.length > 0) {
      this.#explain()
      // All that have come meanwhile.
      for await (const outcome of local.run(this.#queue.splice(0), job, { ...context, signal })) this.#done(outcome)
    }
    // In the same turn as the look at the queue: what is added from here on begins another run.
    this.#working = undefined
  }

  /** Each reason once, however many shards it comes with one by one; stop() tells the rest. */
  #explain (): void {
    for (const [reason, shards] of this.#untold) {
      if (this.#told.has(reason)) continue
      this.#told.add(reason)
      this.#untold.delete(reason)
      this.#options.context.log(`${shards.length === 1 ? `the shard ${shards[0]?.id} is` : `${shards.length} shards are`} built on this machine: ${reason}`)
    }
  }
}
