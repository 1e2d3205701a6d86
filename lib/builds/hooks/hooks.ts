// Commands and functions before and after a builder, each with a time limit.
import { integer } from '../../options/check.js'
import type { BuildContext, BuildRequest, BuildResult, Builder, Hook, Hooks } from '../../../types/build.js'
import { atMost, untilAborted } from '../scheduler/deadline.js'
import { runSteps, told, toStep, type HookEvent, type Step, type Track } from './hook-steps.js'

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

/** The time in which changed sources belong to the running build: its `before` hooks may have written them. */
export interface HookWindow {
  begin (): void
  /** Compares the sources with the disk. Returns what has changed since `begin()` or the last call. */
  takeChanges (): Promise<readonly string[]>
  /** The builder starts, and a change makes the build stale again. Another build follows for the `unseen` paths. */
  end (unseen: readonly string[]): void
}

export interface HookedBuilder extends Omit<Builder, 'build'> {
  build (request: BuildRequest, context: BuildContext, window: HookWindow): Promise<BuildResult>
}

/** Hooks that find changed sources in every one of so many rounds change them themselves. */
const MAX_ROUNDS = 3
/** A function that ignores its signal delays the hooks of the next build by no more than this. */
const ABANDONED_HOOK_TIMEOUT_MS = 5_000

/** @throws FST_LIVE_RELOAD_INVALID_COMMAND, FST_LIVE_RELOAD_INVALID_OPTION */
export function withHooks (builder: Builder, options: HookOptions, onHook: (event: HookEvent) => void = () => {}): HookedBuilder {
  const timeout = integer('timeout', options.timeout, 60_000, 1, 2 ** 31 - 1)
  let last: Promise<unknown> = Promise.resolve()
  const track: Track = promise => {
    last = promise
    return promise
  }
  const before = list(options.before).map(hook => told(toStep('before', hook, timeout, track), onHook))
  const after = list(options.after).map(hook => told(toStep('after', hook, timeout, track), onHook))
  return {
    name: builder.name,
    async build (given, context, window) {
      // A function that ignores its signal goes on after an abort: hooks of two builds would write over each other.
      await untilAborted(atMost(last, ABANDONED_HOOK_TIMEOUT_MS), context.signal)
      const { request, ...first } = await prepare(before, given, context, window)
      if (!first.ok) return first
      const built = await builder.build(request, context)
      // What the hooks wrote is not known.
      const { outputKept: _, ...others } = built
      const result = { ...before.length === 0 ? built : others, ms: first.ms + built.ms, diagnostics: [...first.diagnostics, ...built.diagnostics] }
      return built.ok && after.length > 0 ? finish(result, await runSteps(after, request, context), options.afterFailure) : result
    },
    warm: () => builder.warm?.(),
    async close () {
      await Promise.all([builder.close?.(), ...[...before, ...after].map(step => step.close())])
    }
  }
}

/** Runs the `before` hooks until a whole round found nothing changed: they may write sources, and people may save while hooks read them. */
async function prepare (steps: readonly Step[], request: BuildRequest, context: BuildContext, window: HookWindow): Promise<BuildResult & { request: BuildRequest }> {
  if (steps.length === 0) return { ok: true, ms: 0, diagnostics: [], request }
  context.signal.throwIfAborted()
  window.begin()
  let ms = 0
  for (let round = 1; ; round++) {
    const unseen: string[] = []
    const result = await runSteps(steps, request, context, async () => {
      unseen.push(...await untilAborted(window.takeChanges(), context.signal))
      return unseen.length > 0 && round < MAX_ROUNDS
    })
    ms += result.ms
    // No paths mean that everything is built.
    if (request.changed.length > 0) request = { ...request, changed: [...new Set([...request.changed, ...unseen])] }
    if (unseen.length > 0 && round < MAX_ROUNDS) continue
    window.end(unseen)
    return { ...result, ms, request }
  }
}

/** The result with that of the `after` hooks. It has no `outputs`: what hooks wrote would be missing there, and never found. */
function finish ({ outputs, ...built }: BuildResult, last: BuildResult, onFailure: HookOptions['afterFailure'] = 'warn'): BuildResult {
  const isSoft = onFailure === 'warn'
  const diagnostics = last.diagnostics.map(one => isSoft ? { ...one, severity: 'warning' as const } : one)
  return { ...built, ok: isSoft || last.ok, ms: built.ms + last.ms, diagnostics: [...built.diagnostics, ...diagnostics] }
}

function list (given: Hooks | undefined): readonly Hook[] {
  return given === undefined ? [] : Array.isArray(given) ? given : [given as Hook]
}
