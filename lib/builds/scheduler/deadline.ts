// Promises with an end: a signal that aborts in time, and waiting that does not outlast it.
import { setMaxListeners } from 'node:events'
import type { BuildResult, Diagnostic } from '../../../types/build.js'
import { describe } from '../diagnostics/describe.js'

/** A builder that has not settled so long after an abort is left behind: it would hold up the next build, or the end of the app. */
export const SETTLE_TIMEOUT_MS = 2_000

export interface Deadline {
  /** Aborts with the outer signal, or when the time is over. */
  readonly signal: AbortSignal
  readonly timedOut: boolean
  /** Ends the timer and lets go of the outer signal. */
  clear (): void
}

// Not AbortSignal.any and AbortSignal.timeout: on Node 20 the pair can be collected and never fires.
export function createDeadline (outer: AbortSignal | undefined, timeout?: number): Deadline {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  let timedOut = false
  const abort = () => {
    clearTimeout(timer)
    controller.abort(outer?.reason)
  }
  const expire = () => {
    timedOut = true
    controller.abort(new Error(`not within ${timeout} ms`))
  }
  const timer = timeout === undefined ? undefined : setTimeout(expire, timeout)
  if (outer?.aborted === true) abort()
  else outer?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    get timedOut () { return timedOut },
    clear () {
      clearTimeout(timer)
      outer?.removeEventListener('abort', abort)
    }
  }
}

/** Settles like the promise, or rejects with the signal's reason as soon as it aborts; a later outcome is dropped. */
export function untilAborted<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Settles with the promise, whatever its outcome, or after so many milliseconds. */
export function atMost (promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, ms)
    promise.then(() => {}, () => {}).finally(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** The result of a build, or `undefined` when `outer` aborted it. A build that goes on past its end is left behind. */
export async function settleBuild (build: (signal: AbortSignal) => Promise<BuildResult>, outer: AbortSignal, timeout: number): Promise<BuildResult | undefined> {
  const start = performance.now()
  const deadline = createDeadline(outer, timeout)
  const fail = (diagnostic: Diagnostic): BuildResult => ({ ok: false, ms: performance.now() - start, diagnostics: [diagnostic] })
  let timer: NodeJS.Timeout | undefined
  const outcome = await new Promise<BuildResult>((resolve, reject) => {
    deadline.signal.addEventListener('abort', () => {
      if (deadline.timedOut) reject(deadline.signal.reason)
      else timer = setTimeout(reject, SETTLE_TIMEOUT_MS, deadline.signal.reason)
    }, { once: true })
    build(deadline.signal).then(resolve, reject)
  }).catch((error: unknown) => fail(deadline.timedOut ? { severity: 'error', message: `the build did not end within ${timeout} ms (build.timeout)` } : describe(error)))
  clearTimeout(timer)
  deadline.clear()
  return outer.aborted && !deadline.timedOut ? undefined : outcome
}
