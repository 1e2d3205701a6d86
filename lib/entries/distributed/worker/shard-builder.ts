// Order -> result in the store, when this machine has what the server has.
import { join } from 'node:path'
import type { Progress } from '../../../../types/build.js'
import type { Shard, ShardOutcome } from '../../../../types/shards.js'
import type { Executor } from '../../../builds/executors/executor.js'
import { typescriptArguments } from '../../../builds/processes/node-arguments.js'
import { isTaskError } from '../../../builds/executors/failure.js'
import { checkPages } from '../../shards/plan/pages.js'
import { FileHashes } from '../../shards/plan/file-hashes.js'
import { saltOf } from '../../shards/plan/salt.js'
import { processExecutor } from '../../shards/run/executors.js'
import { local } from '../../shards/run/local.js'
import type { ServeSettings } from '../options.js'
import { toEnd, type Artifacts, type StoredTask } from '../wire/artifacts.js'
import type { Order } from '../wire/order.js'
import { fromPortable, sourcesOf } from '../wire/portable.js'

/** This worker cannot build it, however often it is asked. */
export class Unfit extends Error {}

export interface ShardRunContext {
  readonly signal: AbortSignal
  /** No other try follows. */
  readonly isLast: boolean
  progress (progress: Progress): void
}

type BuilderSettings = Pick<ServeSettings, 'cwd' | 'executor' | 'modules' | 'log'> & { readonly concurrency: number }

const MAX_LOGS = 100
const PROGRESS_INTERVAL_MS = 500

export class ShardBuilder {
  readonly #settings: BuilderSettings
  readonly #artifacts: Artifacts
  #own: Executor | undefined

  constructor (settings: BuilderSettings, artifacts: Artifacts) {
    this.#settings = settings
    this.#artifacts = artifacts
  }

  /** @throws Unfit when it never can, Error when another try may help, the signal's reason */
  async build (order: Order, context: ShardRunContext): Promise<void> {
    if (await this.#artifacts.getResult(order.key) !== undefined) return
    const { cwd } = this.#settings
    const file = join(cwd, order.module)
    await this.#checkModule(order, file)
    const task = await this.#artifacts.getTask(order.task)
    if (task === undefined) throw new Unfit('its task is not in the store of this worker')
    await this.#checkSources(task)
    const { outcome, contents, logs, hasCrashed } = await this.#run(order, file, task, context)
    context.signal.throwIfAborted()
    const end = toEnd(outcome, logs, cwd)
    if (!outcome.result.errors.some(({ severity }) => severity === 'error')) await this.#artifacts.putResult(order.key, end, contents)
    else if (hasCrashed && !context.isLast) throw new Error(outcome.result.errors[0]?.message)
    else await this.#artifacts.putFailure(order.build, order.shard, end)
  }

  async close (): Promise<void> {
    await this.#own?.close()
  }

  async #checkModule ({ module, builder, profile }: Order, file: string): Promise<void> {
    const { cwd, modules } = this.#settings
    if (modules !== undefined && !modules.includes(module)) throw new Unfit(`the module ${module} is not among those of this worker`)
    const { text } = await saltOf(file, { cwd, profile }, '', new FileHashes())
    if (text !== builder) throw new Unfit(`the module ${module}, what it imports, or the lock file is another one here`)
  }

  async #checkSources ({ pages, hashes }: StoredTask): Promise<void> {
    const { cwd } = this.#settings
    const [wrong] = checkPages(pages)
    if (wrong !== undefined) throw new Unfit(wrong.message)
    const named = sourcesOf(pages)
    const paths = sourcesOf(fromPortable(cwd, pages))
    const found = await new FileHashes().of(cwd, paths)
    const other = named.find((name, i) => hashes.get(name) !== found.get(paths[i] as string))
    if (other !== undefined) throw new Unfit(`the source ${other.replace(/^absolute:/, '')} is another one here`)
  }

  async #run (order: Order, file: string, task: StoredTask, { signal, progress }: ShardRunContext) {
    const { cwd } = this.#settings
    const logs: string[] = []
    let hasCrashed = false
    let nextProgress = 0
    const executor = this.#executorFor(file)
    // Its errors tell a crash of the process from a mistake of the module; results do not.
    const watched: Executor = {
      kind: executor.kind,
      size: 1,
      run: (one, options) => executor.run(one, options).catch((error: unknown) => {
        hasCrashed = isTaskError(error) && (error.code === 'TASK_CRASHED' || error.code === 'EXECUTOR_UNAVAILABLE')
        throw error
      }),
      warm: name => executor.warm(name),
      close: async () => {}
    }
    const pages = fromPortable(cwd, task.pages)
    const shard: Shard = { id: order.shard, pages, key: order.key, estimatedMs: 1 }
    const request = { id: order.build, reason: 'manual', cwd, changed: [], incremental: false, profile: order.profile } as const
    const job = { file, request, globals: { [order.shard]: task.globals }, ...order.timeout > 0 && { timeout: order.timeout } }
    let built: { readonly outcome: ShardOutcome, readonly contents: Uint8Array } | undefined
    const outcomes = local({ executor: watched }).run([shard], job, {
      signal,
      log: text => { if (logs.length < MAX_LOGS) logs.push(text) },
      progress: one => {
        if (performance.now() < nextProgress) return
        nextProgress = performance.now() + PROGRESS_INTERVAL_MS
        progress(one)
      }
    })
    // The runner removes the contents when it ends.
    for await (const outcome of outcomes) built = { outcome, contents: await outcome.contents() }
    if (built === undefined) throw new Error('it was not built')
    return { ...built, logs, hasCrashed }
  }

  #executorFor (file: string): Executor {
    const { executor, concurrency, log, cwd } = this.#settings
    this.#own ??= executor === undefined ? processExecutor({ size: concurrency, execArgv: typescriptArguments(file, cwd), env: { LIVE_RELOAD_WORKER_SECRET: undefined }, log }) : undefined
    return executor ?? this.#own as Executor
  }
}
