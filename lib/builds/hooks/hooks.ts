// Commands and functions before and after a builder, each with a time limit.
import { integer } from '../../options/check.js'
import { errors, show } from '../../errors.js'
import type { BuildContext, BuildRequest, BuildResult, Builder, Hook, Hooks } from '../../../types/build.js'
import { atMost, untilAborted } from '../scheduler/deadline.js'
import { runSteps, toStep, type Keep, type Step } from './hook-steps.js'
import { PATIENCE } from '../builders/in-process.js'
import type { Intake } from '../scheduler/hook-window.js'

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

/** So often the hooks before a build run while they find something changed: it is they who change it, every time. */
const ROUNDS = 3

/** @throws FST_LIVE_RELOAD_COMMAND, FST_LIVE_RELOAD_INVALID_OPTION */
export function withHooks (builder: Builder, options: HookOptions, intake: Pick<Intake, 'open'>): Builder {
  const timeout = integer('timeout', options.timeout, 60_000, 1, 2 ** 31 - 1)
  let running: Promise<unknown> = Promise.resolve()
  const keep: Keep = promise => {
    running = promise
    return promise
  }
  const before = list(options.before).map(hook => toStep('before', hook, timeout, keep))
  const after = list(options.after).map(hook => toStep('after', hook, timeout, keep))
  return {
    name: builder.name,
    async build (asked, context) {
      // A function that ignores its signal goes on after an abort: hooks of two builds would write over each other.
      await untilAborted(atMost(running, PATIENCE), context.signal)
      const { request, ...first } = await prepare(before, asked, context, intake)
      if (!first.ok) return first
      const built = await builder.build(request, context)
      const both = { ...built, ms: first.ms + built.ms, diagnostics: [...first.diagnostics, ...built.diagnostics] }
      if (!built.ok || after.length === 0) return both
      const last = await runSteps(after, request, context)
      const soft = options.afterFailure !== 'fail'
      // What hooks wrote is in no list: one that is not complete would hide it.
      const { outputs, ...rest } = both
      return {
        ...rest,
        ok: soft || last.ok,
        ms: both.ms + last.ms,
        diagnostics: [...both.diagnostics, ...last.diagnostics.map(one => soft ? { ...one, severity: 'warning' as const } : one)]
      }
    },
    warm: () => builder.warm?.(),
    async close () {
      await Promise.all([builder.close?.(), ...[...before, ...after].map(step => step.close())])
    }
  }
}

/** Hooks may change sources, and people may while hooks read them: they run until they ran from the first to the last and nothing changed. */
async function prepare (steps: readonly Step[], request: BuildRequest, context: BuildContext, intake: Pick<Intake, 'open'>): Promise<BuildResult & { request: BuildRequest }> {
  if (steps.length === 0) return { ok: true, ms: 0, diagnostics: [], request }
  context.signal.throwIfAborted()
  const hold = intake.open()
  let ms = 0
  for (let round = 1; ; round++) {
    const unseen: string[] = []
    const result = await runSteps(steps, request, context, async () => {
      unseen.push(...await untilAborted(hold.look(), context.signal))
      return unseen.length > 0 && round < ROUNDS
    })
    ms += result.ms
    // No paths mean everything.
    if (request.changed.length > 0) request = { ...request, changed: [...new Set([...request.changed, ...unseen])] }
    if (unseen.length > 0 && round < ROUNDS) continue
    hold.close(unseen)
    return { ...result, ms, request }
  }
}

function list (given: Hooks | undefined): readonly Hook[] {
  const hooks: readonly Hook[] = given === undefined ? [] : Array.isArray(given) ? given : [given as Hook]
  const wrong = hooks.find(hook => typeof hook !== 'string' && typeof hook !== 'function' && !Array.isArray(hook))
  if (wrong !== undefined) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('before, after', 'commands or functions', show(wrong))
  return hooks
}
