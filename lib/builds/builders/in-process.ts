// The app's own function as a Builder, run in this process.
import type { BuildContext, BuildFunction, BuildRequest, BuildResult, Builder } from '../../../types/build.js'
import { atMost, untilAborted } from '../scheduler/deadline.js'
import { describe } from '../diagnostics/describe.js'
import { finish } from '../diagnostics/diagnose.js'
import { toResult } from '../diagnostics/result.js'

/** A function that ignores the signal is waited for so long before the next build starts beside it. */
export const PATIENCE = 5_000

/** Runs in the server's process: fastest, and not isolated. What it throws becomes a diagnostic. */
export function inProcess (run: BuildFunction, options: { name?: string } = {}): Builder {
  let last: Promise<unknown> = Promise.resolve()
  return {
    name: options.name ?? (run.name || 'build'),
    build (request, context) {
      // A function that ignores the signal goes on after an abort: two at once would write over each other.
      const settled = atMost(last, PATIENCE).then(() => attempt(run, request, context))
      last = settled.catch(() => {})
      return untilAborted(settled, context.signal)
    }
  }
}

/** A function as an in-process Builder; a Builder with its results checked: those of the app's own may be anything. */
export function asBuilder (builder: Builder | BuildFunction, name: string): Builder {
  if (typeof builder === 'function') return inProcess(builder, { name })
  return {
    name: builder.name,
    async build (request, context) {
      const start = performance.now()
      const value: unknown = await builder.build(request, context)
      const result = toResult(value, { ms: performance.now() - start, cwd: request.cwd })
      const { ms } = Object(value) as Partial<BuildResult>
      return typeof ms === 'number' ? { ...result, ms } : result
    },
    warm: () => builder.warm?.(),
    async close () { await builder.close?.() }
  }
}

async function attempt (run: BuildFunction, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  context.signal.throwIfAborted()
  const start = performance.now()
  try {
    const value = await run(request, context)
    const result = toResult(value, { ms: performance.now() - start, cwd: request.cwd })
    return { ...result, diagnostics: await finish(result.diagnostics, request.cwd) }
  } catch (error) {
    context.signal.throwIfAborted()
    return { ok: false, ms: performance.now() - start, diagnostics: await finish([describe(error)], request.cwd) }
  }
}
