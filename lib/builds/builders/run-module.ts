// One run of an isolated module.
import { stat } from 'node:fs/promises'
import type { BuildContext, BuildRequest, BuildResult } from '../../../types/build.js'
import { checkOutputs } from '../diagnostics/result.js'
import { reportError, reportValue } from '../diagnostics/report.js'
import type { Choice } from '../executors/choose.js'
import { createExecutor } from '../executors/create.js'
import type { Executor } from '../executors/executor.js'
import { isTaskError } from '../executors/failure.js'
import { typescriptArguments } from '../processes/node-arguments.js'

export function openExecutor (choice: Choice, file: string, env: Readonly<Record<string, string | undefined>>, log: (text: string) => void): Executor {
  return createExecutor(choice, { execArgv: typescriptArguments(file, process.cwd()), env }, log)
}

export async function runModule (executor: Executor, { file, timeout }: { file: string, timeout: number | undefined }, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const { signal } = context
  signal.throwIfAborted()
  const start = performance.now()
  let output: string | undefined
  const measure = () => ({ ms: performance.now() - start, request, output })
  try {
    const missing = await explainMissing(file)
    if (missing !== undefined) return await reportValue({ diagnostics: [{ severity: 'error', message: missing }] }, measure())
    const value = await executor.run({ file, data: request }, { signal, timeout, onLog: context.log, onProgress: context.progress, onOutput: tail => { output = tail } })
    return await checkOutputs(await reportValue(value, measure()))
  } catch (error) {
    signal.throwIfAborted()
    return isTaskError(error) ? reportValue({ diagnostics: [error.diagnostic] }, measure()) : reportError(error, measure())
  }
}

async function explainMissing (file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) return `there is no build module ${file}`
  return found.isFile() ? undefined : `the build module ${file} is not a file`
}
