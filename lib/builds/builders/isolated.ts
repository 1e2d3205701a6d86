// A module as a Builder, run in a warm child process: what it does to itself does not reach the server.
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { integer, pathOf } from '../../options/check.js'
import type { BuildContext, BuildRequest, BuildResult, Builder, Diagnostic } from '../../../types/build.js'
import type { Executor, ExecutorKind, TaskContext } from '../executors/executor.js'
import { describe } from '../diagnostics/describe.js'
import { finish } from '../diagnostics/diagnose.js'
import { createExecutor } from '../executors/choose.js'
import { isTaskError } from '../executors/failure.js'
import { typescriptArguments } from '../executors/typescript.js'
import { checkOutputs, toResult } from '../diagnostics/result.js'

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
  const timeout = options.timeout === undefined ? undefined : integer('isolated.timeout', options.timeout, 0, 1, 2 ** 31 - 1)
  const early: string[] = []
  let log = (text: string) => { early.push(text) }
  const shared = typeof options.executor === 'object' ? options.executor : undefined
  const executor = shared ?? createExecutor(options.executor as 'auto' | ExecutorKind | undefined, {
    execArgv: typescriptArguments(file, process.cwd()),
    env: options.env ?? {},
    log: text => log(text)
  })
  return {
    name: options.name ?? basename(file),
    build (request, context) {
      // Nobody listens before the first build.
      log = context.log
      early.splice(0).forEach(log)
      return build(executor, file, timeout, request, context)
    },
    warm: () => executor.warm(file),
    async close () { if (shared === undefined) await executor.close() }
  }
}

async function build (executor: Executor, file: string, timeout: number | undefined, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const { signal } = context
  signal.throwIfAborted()
  const start = performance.now()
  let output: string | undefined
  const done = () => ({ ms: performance.now() - start, cwd: request.cwd, output })
  try {
    const missing = await objection(file)
    if (missing !== undefined) return toResult({ diagnostics: [{ severity: 'error', message: missing }] }, done())
    const value = await executor.run({ file, data: request }, { signal, timeout, onLog: context.log, onProgress: context.progress, onOutput: tail => { output = tail } })
    const result = await checkOutputs(toResult(value, done()))
    return { ...result, diagnostics: await finish(result.diagnostics, request.cwd) }
  } catch (error) {
    signal.throwIfAborted()
    const diagnostic: Diagnostic = isTaskError(error) ? error.diagnostic : describe(error)
    return toResult({ diagnostics: await finish([diagnostic], request.cwd) }, done())
  }
}

async function objection (file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) return `there is no build module ${file}`
  return found.isFile() ? undefined : `the build module ${file} is not a file`
}
