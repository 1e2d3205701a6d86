// Commands and functions before and after a builder, each with a time limit.
import { integer } from '../check.js'
import { errors, show } from '../errors.js'
import type { BuildContext, BuildRequest, BuildResult, Builder, Diagnostic, Hook, Hooks } from '../../types/build.js'
import { command } from './command.js'
import { createDeadline, untilAborted } from './deadline.js'
import { inProcess } from './in-process.js'

export interface HookOptions {
  /** In order; the first that fails stops the build. @default none */
  before?: Hooks
  /** In order, after a success. @default none */
  after?: Hooks
  /** Milliseconds for each hook. @default 60_000 */
  timeout?: number
  /** What a failing `after` makes of the build. @default 'warn' */
  afterFailure?: 'warn' | 'fail'
}

interface Step { readonly shown: string, run (request: BuildRequest, context: BuildContext): Promise<BuildResult>, close (): Promise<void> }

/** @throws FST_LIVE_RELOAD_COMMAND, FST_LIVE_RELOAD_INVALID_OPTION */
export function withHooks (builder: Builder, options: HookOptions): Builder {
  const timeout = integer('timeout', options.timeout, 60_000, 1, 2 ** 31 - 1)
  const before = list(options.before).map(hook => toStep('before', hook, timeout))
  const after = list(options.after).map(hook => toStep('after', hook, timeout))
  return {
    name: builder.name,
    async build (request, context) {
      const first = await runAll(before, request, context)
      if (!first.ok) return first
      const built = await builder.build(request, context)
      if (!built.ok) return { ...built, ms: first.ms + built.ms, diagnostics: [...first.diagnostics, ...built.diagnostics] }
      const last = await runAll(after, request, context)
      const soft = options.afterFailure !== 'fail'
      return {
        ...built,
        ok: soft || last.ok,
        ms: first.ms + built.ms + last.ms,
        diagnostics: [...first.diagnostics, ...built.diagnostics, ...last.diagnostics.map(one => soft ? { ...one, severity: 'warning' as const } : one)]
      }
    },
    warm: () => builder.warm?.(),
    async close () {
      await Promise.all([builder.close?.(), ...[...before, ...after].map(step => step.close())])
    }
  }
}

async function runAll (steps: readonly Step[], request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const all = { ok: true, ms: 0, diagnostics: [] as Diagnostic[] }
  for (const step of steps) {
    context.signal.throwIfAborted()
    const result = await step.run(request, context)
    all.ok = result.ok
    all.ms += result.ms
    all.diagnostics.push(...result.diagnostics.map(one => ({ ...one, message: `${step.shown}: ${one.message}` })))
    if (!result.ok) break
  }
  return all
}

function toStep (kind: 'before' | 'after', hook: Hook, timeout: number): Step {
  if (typeof hook !== 'function') {
    const builder = command(hook, { timeout })
    return { shown: `${kind} hook`, run: builder.build, close: builder.close as () => Promise<void> }
  }
  const shown = `${kind} hook ${hook.name || '(anonymous function)'}`
  return { shown, run: (request, context) => runFunction(hook, timeout, request, context), async close () {} }
}

async function runFunction (hook: (request: BuildRequest, context: BuildContext) => unknown, timeout: number, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  const deadline = createDeadline(context.signal, timeout)
  const { build } = inProcess(async (request, context) => { await hook(request, context) })
  // What the function does after its time is dropped, a late rejection as well.
  return untilAborted(build(request, { ...context, signal: deadline.signal }), deadline.signal).catch((): BuildResult => {
    context.signal.throwIfAborted()
    return { ok: false, ms: timeout, diagnostics: [{ severity: 'error', message: `did not end within ${timeout} ms` }] }
  }).finally(deadline.clear)
}

function list (given: Hooks | undefined): readonly Hook[] {
  const hooks: readonly Hook[] = given === undefined ? [] : Array.isArray(given) ? given : [given as Hook]
  const wrong = hooks.find(hook => typeof hook !== 'string' && typeof hook !== 'function' && !Array.isArray(hook))
  if (wrong !== undefined) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('before, after', 'commands or functions', show(wrong))
  return hooks
}
