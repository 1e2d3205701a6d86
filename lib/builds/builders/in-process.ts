// The app's own function as a Builder, run in this process.
import type { BuildContext, BuildFunction, BuildRequest, BuildResult, Builder } from '../../../types/build.js'
import { known } from '../../options/check.js'
import { atMost, untilAborted } from '../scheduler/deadline.js'

/** The next build waits this long for a function that ignores its signal, and then runs beside it. */
const STALE_FUNCTION_TIMEOUT_MS = 5_000

/** Runs in the server's process: fastest, and not isolated. What it throws becomes a diagnostic. */
export function inProcess (run: BuildFunction, options: { name?: string } = {}): Builder {
  known('inProcess.', options, ['name'])
  let last: Promise<unknown> = Promise.resolve()
  return {
    name: options.name ?? (run.name || 'build'),
    build (request, context) {
      // A function that ignores its signal goes on after an abort: two at once would overwrite each other.
      const settled = atMost(last, STALE_FUNCTION_TIMEOUT_MS).then(() => attempt(run, request, context))
      last = settled.catch(() => {})
      return untilAborted(settled, context.signal)
    }
  }
}

/** Turns a function into a Builder, and checks the results of an app's own Builder. */
export function asBuilder (builder: Builder | BuildFunction, name: string): Builder {
  if (typeof builder === 'function') return inProcess(builder, { name })
  return {
    name: builder.name,
    async build (request, context) {
      const start = performance.now()
      const value: unknown = await builder.build(request, context)
      const { ms } = Object(value) as Partial<BuildResult>
      const { toResult } = await import('../diagnostics/result.js')
      return toResult(value, { ms: typeof ms === 'number' ? ms : performance.now() - start, request })
    },
    warm: () => builder.warm?.(),
    async close () { await builder.close?.() }
  }
}

async function attempt (run: BuildFunction, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  context.signal.throwIfAborted()
  const start = performance.now()
  const measure = () => ({ ms: performance.now() - start, request })
  try {
    const value = await run(request, context)
    const done = measure()
    const { reportValue } = await import('../diagnostics/report.js')
    return await reportValue(value, done)
  } catch (error) {
    context.signal.throwIfAborted()
    const done = measure()
    const { reportError } = await import('../diagnostics/report.js')
    return reportError(error, done)
  }
}
