// Calls functions of the app. Whatever they throw or reject with is reported, and never ends the process.

/** `undefined` when the function threw. A promise is returned as it is; `failed` hears of its rejection, too. */
export function callSafely<T> (call: () => T, failed: (error: unknown) => void): T | undefined {
  try {
    const result = call()
    if (isThenable(result)) result.then(() => {}, failed)
    return result
  } catch (error) {
    failed(error)
    return undefined
  }
}

export function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
