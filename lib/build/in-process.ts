// The app's own function as a Builder, run in this process.
import type { BuildContext, BuildFunction, BuildRequest, BuildResult, Builder, Diagnostic } from '../../types/build.js'

/** Runs in the server's process: fastest, and not isolated. What it throws becomes a diagnostic. */
export function inProcess (run: BuildFunction, options: { name?: string } = {}): Builder {
  // A function that ignores the signal goes on after an abort: the next build waits for it, or both would write at once.
  let last: Promise<unknown> = Promise.resolve()
  return {
    name: options.name ?? (run.name || 'build'),
    build: (request, context) => {
      const previous = last
      const settled = previous.then(() => attempt(run, request, context))
      last = settled.catch(() => {})
      return untilAborted(settled, context.signal)
    }
  }
}

/** A Builder as it is; a function as an in-process Builder. */
export function asBuilder (builder: Builder | BuildFunction, name: string): Builder {
  return typeof builder === 'function' ? inProcess(builder, { name }) : builder
}

async function attempt (run: BuildFunction, request: BuildRequest, context: BuildContext): Promise<BuildResult> {
  context.signal.throwIfAborted()
  const start = performance.now()
  const took = () => performance.now() - start
  try {
    const result = await run(request, context) ?? {}
    const diagnostics = result.diagnostics ?? []
    const ok = result.ok ?? !diagnostics.some(d => d.severity === 'error')
    return { ...result, ok, ms: took(), diagnostics }
  } catch (error) {
    context.signal.throwIfAborted()
    return { ok: false, ms: took(), diagnostics: [describe(error)] }
  }
}

/** Anything that was thrown, as a diagnostic; reading it may throw as well. */
export function describe (error: unknown): Diagnostic {
  try {
    if (!(error instanceof Error)) return { severity: 'error', message: `the build threw ${typeof error === 'string' ? error : JSON.stringify(error)}` }
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    return { severity: 'error', message: `${error.message}${cause}`, ...(typeof error.stack === 'string' && { stack: error.stack }) }
  } catch {
    return { severity: 'error', message: 'the build threw something that can not be read' }
  }
}

function untilAborted<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
