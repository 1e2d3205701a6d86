// A module as a Builder, run in a warm child process: what it does to its process does not reach the server.
import { basename, resolve } from 'node:path'
import type { BuildContext, BuildRequest, BuildResult, Builder } from '../../../types/build.js'
import { pathOf, runOptions } from '../../options/check.js'
import { chooseExecutor, type Choice } from '../executors/choose.js'
import type { Executor, ExecutorKind, TaskContext } from '../executors/executor.js'

export interface IsolatedOptions {
  /** @default the file's name */
  name?: string
  /** Milliseconds. @default no limit of its own */
  timeout?: number
  /** An Executor is shared and left open. @default 'auto': a process; the environment variable `LIVE_RELOAD_BUILD_EXECUTOR` wins */
  executor?: 'auto' | ExecutorKind | Executor
  /** Added to the child's environment. */
  env?: Readonly<Record<string, string | undefined>>
}

/** The default export of the module that `isolated()` runs. Request and result are plain data. */
export type IsolatedModule = (request: BuildRequest, context: TaskContext) => void | Partial<BuildResult> | Promise<void | Partial<BuildResult>>

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function isolated (module: string | URL, options: IsolatedOptions = {}): Builder {
  const file = resolve(pathOf('isolated', module))
  const { name = basename(file), env, timeout } = runOptions('isolated', options, 'executor')
  const { executor } = options
  return new IsolatedBuilder(name, { file, timeout, env, executor: typeof executor === 'object' ? executor : chooseExecutor(executor) })
}

interface IsolatedParts {
  readonly file: string
  readonly timeout: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly executor: Executor | Choice
}

const PLACES: Record<ExecutorKind, string> = { process: 'a process of their own', thread: 'a worker thread', inline: "the server's process" }

class IsolatedBuilder implements Builder {
  readonly name: string
  readonly #parts: IsolatedParts
  #opened: Promise<Executor> | undefined
  /** Of the newest build. */
  #log: BuildContext['log'] = () => {}
  #isAnnounced = false

  constructor (name: string, parts: IsolatedParts) {
    this.name = name
    this.#parts = parts
  }

  async build (request: BuildRequest, context: BuildContext): Promise<BuildResult> {
    const { file, timeout, executor } = this.#parts
    this.#log = context.log
    if ('reason' in executor && !this.#isAnnounced) context.log(`builds run in ${PLACES[executor.kind]} (${executor.reason})`)
    this.#isAnnounced = true
    const { runModule } = await import('./run-module.js')
    return runModule(await this.#open(), { file, timeout }, request, context)
  }

  async warm (): Promise<void> {
    await (await this.#open()).warm(this.#parts.file)
  }

  async close (): Promise<void> {
    if ('reason' in this.#parts.executor) await (await this.#opened)?.close()
  }

  #open (): Promise<Executor> {
    const { file, env, executor } = this.#parts
    this.#opened ??= (async () => {
      if (!('reason' in executor)) return executor
      const { openExecutor } = await import('./run-module.js')
      return openExecutor(executor, file, env, text => this.#log(text))
    })()
    return this.#opened
  }
}
