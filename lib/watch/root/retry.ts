// Opening a root while directories come and go in it fails every other time: tried again, not for ever.
import { systemCode } from '../backends/limits.js'

const TRIES = 25

/** @throws the last error, when it is of another kind, or `hopeful` says that there is no point */
export async function tryAgain<T> (open: () => Promise<T>, hopeful: () => boolean, pause: (ms: number) => Promise<unknown>, tries = 1): Promise<T> {
  try {
    return await open()
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || tries === TRIES || !hopeful()) throw error
  }
  await pause(4 * tries)
  return await tryAgain(open, hopeful, pause, tries + 1)
}
