// Hooks as steps, in order up to the first that fails. Each is a command or a function, with a time limit.
import type { BuildContext, BuildRequest, BuildResult, Diagnostic, Hook } from '../../../types/build.js'
import { command } from '../builders/command.js'
import { createDeadline, untilAborted } from '../scheduler/deadline.js'
import { inProcess } from '../builders/in-process.js'

export interface Step {
  /** How it is called in diagnostics. */
  readonly shown: string
  run (request: BuildRequest, context: BuildContext): Promise<BuildResult>
  close (): Promise<void>
}

/** Remembers what runs, and gives it back. */
export type Keep = <T>(running: Promise<T>) => Promise<T>

/** After each step `isOver` is asked whether those after it are not to run. */
export async function runSteps (steps: readonly Step[], request: BuildRequest, context: BuildContext, isOver = async () => false): Promise<BuildResult> {
  const all = { ok: true, ms: 0, diagnostics: [] as Diagnostic[] }
  for (const step of steps) {
    context.signal.throwIfAborted()
    const result = await step.run(request, context)
    all.ok = result.ok
    all.ms += result.ms
    all.diagnostics.push(...result.diagnostics.map(one => ({ ...one, message: `${step.shown}: ${one.message}` })))
    if (await isOver() || !result.ok) break
  }
  return all
}

export function toStep (kind: 'before' | 'after', hook: Hook, timeout: number, keep: Keep): Step {
  if (typeof hook !== 'function') {
    const builder = command(hook, { timeout })
    return { shown: `${kind} hook`, run: builder.build, close: builder.close as () => Promise<void> }
  }
  const shown = `${kind} hook ${hook.name || '(anonymous function)'}`
  const run = async (request: BuildRequest, context: BuildContext): Promise<void> => { await hook(request, context) }
  return { shown, run: (request, context) => runFunction((...given) => keep(run(...given)), timeout, request, context), async close () {} }
}

async function runFunction (run: (request: BuildRequest, context: BuildContext) => Promise<void>, timeout: number, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const deadline = createDeadline(context.signal, timeout)
  // What the function does after its time is dropped, a late rejection as well.
  return untilAborted(inProcess(run).build(request, { ...context, signal: deadline.signal }), deadline.signal).catch((): BuildResult => {
    context.signal.throwIfAborted()
    return { ok: false, ms: timeout, diagnostics: [{ severity: 'error', message: `did not end within ${timeout} ms` }] }
  }).finally(deadline.clear)
}
