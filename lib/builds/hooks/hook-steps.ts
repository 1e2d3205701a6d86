// Hooks as steps, in order up to the first that fails. Each is a command or a function, with a time limit.
import type { BuildContext, BuildRequest, BuildResult, Diagnostic, Hook } from '../../../types/build.js'
import { command } from '../builders/command.js'
import { createDeadline, untilAborted } from '../scheduler/deadline.js'
import { inProcess } from '../builders/in-process.js'

export interface Step {
  /** Its name in diagnostics. */
  readonly label: string
  run (request: BuildRequest, context: BuildContext): Promise<BuildResult>
  close (): Promise<void>
}

/** Remembers a running function, and returns its promise. */
export type Track = <T>(running: Promise<T>) => Promise<T>

/** Runs the steps one after the other. After each one, `isOver` says whether to skip the rest. */
export async function runSteps (steps: readonly Step[], request: BuildRequest, context: BuildContext, isOver = async () => false): Promise<BuildResult> {
  const all = { ok: true, ms: 0, diagnostics: [] as Diagnostic[] }
  for (const step of steps) {
    context.signal.throwIfAborted()
    const result = await step.run(request, context)
    all.ok = result.ok
    all.ms += result.ms
    all.diagnostics.push(...result.diagnostics.map(one => ({ ...one, message: `${step.label}: ${one.message}` })))
    if (await isOver() || !result.ok) break
  }
  return all
}

export function toStep (kind: 'before' | 'after', hook: Hook, timeout: number, track: Track): Step {
  if (typeof hook !== 'function') {
    const builder = command(hook, { timeout })
    return { label: `${kind} hook`, run: builder.build, close: builder.close as () => Promise<void> }
  }
  const run = async (request: BuildRequest, context: BuildContext): Promise<void> => { await hook(request, context) }
  return {
    label: `${kind} hook ${hook.name || '(anonymous function)'}`,
    run: (request, context) => runFunction((...given) => track(run(...given)), timeout, request, context),
    async close () {}
  }
}

async function runFunction (run: (request: BuildRequest, context: BuildContext) => Promise<void>, timeout: number, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const deadline = createDeadline(context.signal, timeout)
  // What the function does after its time is dropped, a late rejection as well.
  return untilAborted(inProcess(run).build(request, { ...context, signal: deadline.signal }), deadline.signal).catch((): BuildResult => {
    context.signal.throwIfAborted()
    return { ok: false, ms: timeout, diagnostics: [{ severity: 'error', message: `did not end within ${timeout} ms` }] }
  }).finally(deadline.clear)
}
