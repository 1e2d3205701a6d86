// One signal for "abort" and "too late", and a promise that does not outlive it.
import { setMaxListeners } from 'node:events'

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
  const late = () => {
    timedOut = true
    controller.abort(new Error(`not within ${timeout} ms`))
  }
  const timer = timeout === undefined ? undefined : setTimeout(late, timeout)
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

/** Settles like the promise, or rejects with the signal's reason as soon as it aborts; what comes later is dropped. */
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
