// Runs shards on this machine, in a pool of processes.
import { tracingChannel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deserialize } from 'node:v8'
import type { BuildContext } from '../../../../types/build.js'
import type { Shard, ShardJob, ShardOutcome, ShardRunner } from '../../../../types/shards.js'
import { check, integer, known, oneOf } from '../../../options/check.js'
import { describe } from '../../../builds/diagnostics/describe.js'
import { chooseExecutor } from '../../../builds/executors/choose.js'
import type { Executor, ExecutorKind } from '../../../builds/executors/executor.js'
import { isTaskError } from '../../../builds/executors/failure.js'
import { typescriptArguments } from '../../../builds/processes/node-arguments.js'
import { createDeadline } from '../../../builds/scheduler/deadline.js'
import { inlineExecutor, processExecutor, threadExecutor, workersFor } from './executors.js'
import { checkStored, failedResult } from './result.js'
import { Outcomes } from './outcomes.js'
import type { ShardEnd } from './run-shard.js'

export interface LocalOptions {
  /** Shards at once. @default as many as processors, as far as memory allows */
  workers?: number
  /** An Executor is shared and left open. @default 'auto': processes; the environment variable `LIVE_RELOAD_BUILD_EXECUTOR` wins */
  executor?: 'auto' | ExecutorKind | Executor
  /** MiB of memory for the objects of a worker. @default a share of what is free */
  maxMemory?: number
}

/** How a shard ended: what a worker said of it, or why there is nothing. */
type Ended = { readonly shard: Shard, readonly artifact: string, readonly end: ShardEnd } | { readonly shard: Shard, readonly error: unknown }

const TRACE = tracingChannel('fastify-live-reload.shard')
const RUN_SHARD = fileURLToPath(new URL('./run-shard.js', import.meta.url))

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function local (options: LocalOptions = {}): ShardRunner {
  known('local.', options, ['workers', 'executor', 'maxMemory'])
  const { executor, maxMemory } = options
  const given = typeof executor === 'object' ? executor : undefined
  const kind = given === undefined ? chooseExecutor(executor as 'auto' | ExecutorKind | undefined).kind : check('local.executor', given.kind, 'an Executor', oneOf('process', 'thread', 'inline'))
  const workers = kind === 'inline' ? 1 : integer('local.workers', options.workers, given?.size ?? workersFor(), 1, 1_024)
  return new LocalRunner({ given, kind, workers, maxMemory })
}

interface LocalSettings {
  readonly given: Executor | undefined
  readonly kind: ExecutorKind
  readonly workers: number
  readonly maxMemory: number | undefined
}

class LocalRunner implements ShardRunner {
  readonly name = 'local'
  readonly #settings: LocalSettings
  #executor: Executor | undefined
  #log: (text: string) => void = () => {}

  constructor (settings: LocalSettings) {
    this.#settings = settings
  }

  workers (shards: number): number {
    return Math.min(this.#settings.workers, shards)
  }

  async warm (file: string): Promise<void> {
    await this.#open(file).warm(file)
  }

  async * run (shards: readonly Shard[], job: ShardJob, context: BuildContext): AsyncGenerator<ShardOutcome> {
    if (shards.length === 0) return
    context.signal.throwIfAborted()
    this.#log = context.log
    const dir = await mkdtemp(join(tmpdir(), 'live-reload-shards-'))
    const deadline = createDeadline(context.signal)
    const stop = new AbortController()
    deadline.signal.addEventListener('abort', () => stop.abort(deadline.signal.reason), { once: true })
    const outcomes = new Outcomes<Ended>()
    const queue = shards.map((shard, i) => ({ shard, artifact: join(dir, String(i)) }))
    let loadError: unknown
    const work = async () => {
      for (let one = queue.shift(); one !== undefined && !stop.signal.aborted; one = queue.shift()) {
        const { shard, artifact } = one
        // Where the module does not load, every shard would fail in the same way, after the start of a process for each.
        if (loadError !== undefined) {
          outcomes.add({ shard, error: loadError })
          continue
        }
        const build = (): Promise<Ended> => this.#build(shard, artifact, job, { ...context, signal: stop.signal }).then(end => ({ shard, artifact, end }), (error: unknown) => {
          context.signal.throwIfAborted()
          if (isTaskError(error) && error.isLoadError === true) loadError = error
          return { shard, error }
        })
        outcomes.add(await (TRACE.hasSubscribers ? TRACE.tracePromise(build, { shard: shard.id, pages: shard.pages.length, build: job.request.id }) : build()))
      }
    }
    const working = Promise.all(Array.from({ length: Math.min(this.workers(shards.length), job.workers ?? Infinity) }, work))
    try {
      working.then(() => outcomes.end(), error => outcomes.fail(error))
      // Read when they are asked for: the worker has its next shard by then.
      for await (const ended of outcomes) yield outcomeOf(ended)
    } finally {
      stop.abort(new Error('the other shards are not needed any more'))
      await working.catch(() => {})
      deadline.clear()
      // A module that runs in the server and ignores its signal may still write there.
      await rm(dir, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
    }
  }

  async close (): Promise<void> {
    if (this.#settings.given === undefined) await this.#executor?.close()
  }

  async #build (shard: Shard, artifact: string, { file, request, globals, timeout, stage }: ShardJob, context: BuildContext): Promise<ShardEnd> {
    const task = { shardId: shard.id, pages: shard.pages, globals: globals[shard.id], outDir: `${artifact}.out`, cwd: request.cwd, profile: request.profile ?? 'development' }
    // The name of the artifact differs in every build: whoever goes on writing after an abort writes to a directory that nobody reads.
    const staging = stage === undefined ? undefined : { dir: join(stage.dir, `${basename(dirname(artifact))}-${basename(artifact)}`), placed: stage.placed[shard.id] ?? {} }
    return await this.#open(file).run({ file, through: RUN_SHARD, data: { task, artifact, stage: staging } }, {
      signal: context.signal,
      timeout,
      onLog: context.log,
      onProgress: progress => context.progress({ ...progress, shard: shard.id })
    }) as ShardEnd
  }

  #open (file: string): Executor {
    const { given, kind, workers, maxMemory } = this.#settings
    const execArgv = typescriptArguments(file, process.cwd())
    const options = { size: workers, execArgv, log: (text: string) => this.#log(text), ...maxMemory !== undefined && { maxMemory } }
    this.#executor ??= given ?? (kind === 'process' ? processExecutor(options) : kind === 'thread' ? threadExecutor(options) : inlineExecutor())
    return this.#executor
  }
}

function outcomeOf (ended: Ended): ShardOutcome {
  if ('error' in ended) return failedOutcome(ended.shard, ended.error)
  const { shard, artifact, end } = ended
  try {
    // Synchronous, which takes a fifth of the time: it was written a moment ago.
    const stored: unknown = deserialize(readFileSync(artifact))
    const { result, files } = checkStored(stored)
    const { staged } = stored as { readonly staged: ReadonlyMap<string, string> }
    const errors = result.errors.map(one => ({ ...one, shard: shard.id }))
    return { shard, result: { ...result, errors }, files, contents: () => readFile(`${artifact}.files`), staged, ms: end.ms, peakMemory: end.peakMemory }
  } catch (error) {
    return failedOutcome(shard, error)
  }
}

function failedOutcome (shard: Shard, error: unknown): ShardOutcome {
  const result = failedResult(shard.id, isTaskError(error) ? error.diagnostic : describe(error))
  return { shard, result, files: [], contents: async () => new Uint8Array(), ms: 0, peakMemory: 0 }
}
