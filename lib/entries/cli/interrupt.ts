// Ctrl-C and SIGTERM: what runs is stopped, and the program ends in time whatever happens.
import { constants } from 'node:os'

/** The rest of 250 ms is for the signal to arrive, and for Node to end. What is left then is killed by the reaper. */
const STOP_TIMEOUT_MS = 200
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** At the first signal `stop` is called. The program ends when it has settled, at a second signal, or in time. Returns the undo. */
export function onInterrupt (stop: () => Promise<unknown>, timeout = STOP_TIMEOUT_MS): () => void {
  let isStopping = false
  const handle = (signal: typeof SIGNALS[number]): void => {
    const exit = (): never => process.exit(128 + constants.signals[signal])
    if (isStopping) return exit()
    isStopping = true
    setTimeout(exit, timeout)
    stop().then(exit, exit)
  }
  for (const signal of SIGNALS) process.on(signal, handle)
  return () => { for (const signal of SIGNALS) process.off(signal, handle) }
}
