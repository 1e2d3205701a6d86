// Hooks as steps, in order up to the first that fails. Each is a command or a function, with a time limit.
import type { BuildContext, BuildRequest, BuildResult, Diagnostic, Hook, HookWithOptions } from '../../../types/build.js'
import { errors, show } from '../../errors.js'
import { check, fields, known, pathOf, runOptions } from '../../options/check.js'
import { command } from '../builders/command.js'
import { createDeadline, untilAborted } from '../scheduler/deadline.js'
import { inProcess } from '../builders/in-process.js'

export interface Step {
  readonly kind: 'before' | 'after'
  /** What it runs. */
  readonly name: string
  /** Its name in diagnostics. */
  readonly label: string
  run (request: BuildRequest, context: BuildContext): Promise<BuildResult>
  close (): Promise<void>
}

/** A hook begins, or has ended: then with its outcome, and after how many milliseconds. */
export interface HookEvent extends Pick<Step, 'kind' | 'name'> {
  readonly end?: { readonly outcome: 'ok' | 'failed' | 'aborted', readonly ms: number }
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

/** The same step, whose begin and end are told. */
export function told ({ kind, name, ...step }: Step, tell: (event: HookEvent) => void): Step {
  return {
    ...step,
    kind,
    name,
    async run (request, context) {
      const began = performance.now()
      let outcome: 'ok' | 'failed' | 'aborted' = 'aborted'
      tell({ kind, name })
      try {
        const result = await step.run(request, context)
        outcome = result.ok ? 'ok' : 'failed'
        return result
      } finally {
        tell({ kind, name, end: { outcome, ms: Math.round(performance.now() - began) } })
      }
    }
  }
}

export function toStep (kind: 'before' | 'after', hook: Hook, shared: number, track: Track): Step {
  const { run, timeout = shared, cwd, env } = readHook(kind, hook)
  if (typeof run !== 'function') {
    const builder = command(run, { timeout, ...cwd !== undefined && { cwd }, ...env !== undefined && { env } })
    return { kind, name: builder.name, label: `${kind} hook`, run: builder.build, close: builder.close as () => Promise<void> }
  }
  const call = async (request: BuildRequest, context: BuildContext): Promise<void> => { await run(request, context) }
  const name = run.name || '(anonymous function)'
  return {
    kind,
    name,
    label: `${kind} hook ${name}`,
    run: (request, context) => runFunction((...given) => track(call(...given)), timeout, request, context),
    async close () {}
  }
}

type Run = HookWithOptions['run']
interface HookParts { readonly run: Run, readonly timeout?: number | undefined, readonly cwd?: string, readonly env?: HookWithOptions['env'] }

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
function readHook (kind: 'before' | 'after', hook: Hook): HookParts {
  if (isRun(hook)) return { run: hook }
  const { run, cwd, ...rest } = fields(kind, hook, 'a command, a function or { run, cwd?, env?, timeout? }')
  known(`${kind}.`, hook as object, ['run', 'cwd', 'env', 'timeout'])
  check(`${kind}.run`, run, 'a command or a function', isRun)
  if (typeof run === 'function') {
    const given = ['cwd', 'env'].find(name => Reflect.get(hook as object, name) !== undefined)
    if (given !== undefined) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(`${kind}.${given}`, 'absent beside a function, which runs in the server', show(Reflect.get(hook as object, given)))
  }
  const { env, timeout } = runOptions(kind, rest)
  return { run: run as Run, timeout, env, ...cwd !== undefined && { cwd: pathOf(`${kind}.cwd`, cwd) } }
}

function isRun (value: unknown): value is Run {
  return typeof value === 'string' || typeof value === 'function' || Array.isArray(value)
}

async function runFunction (run: (request: BuildRequest, context: BuildContext) => Promise<void>, timeout: number, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const deadline = createDeadline(context.signal, timeout)
  // What the function does after its time is dropped, a late rejection as well.
  return untilAborted(inProcess(run).build(request, { ...context, signal: deadline.signal }), deadline.signal).catch((): BuildResult => {
    context.signal.throwIfAborted()
    return { ok: false, ms: timeout, diagnostics: [{ severity: 'error', message: `did not end within ${timeout} ms` }] }
  }).finally(deadline.clear)
}
