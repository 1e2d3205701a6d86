// The system has no process to give at this moment: it is asked again, a few times.
import { setTimeout as pause } from 'node:timers/promises'

/** fork(2), execve(2), pipe(2): limits that others reach and leave again. */
const SHORT = new Set(['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'])
/** Milliseconds before each further try. */
const WAITS = [100, 400]

export function isShortage (error: unknown): boolean {
  const { code, cause } = error as { code?: string, cause?: { code?: string } }
  return SHORT.has(String(code)) || SHORT.has(String(cause?.code))
}

/** @throws what the last try threw, or an AbortError when `signal` aborts between two. */
export async function despiteShortage<T> (start: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (const wait of WAITS) {
    try {
      return await start()
    } catch (error) {
      if (!isShortage(error)) throw error
    }
    await pause(wait, undefined, { signal })
  }
  return start()
}
