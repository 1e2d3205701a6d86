// Lines on their way to the server: kept until it listens, never too many at once, and what is left out is said.
import type { LogMessage } from '../../../types/message.js'

/** Lines that may go at once, and how many more each second. */
const BURST = 50
const PER_SECOND = 10
/** Lines that wait for a connection. */
const MOST = 100
/** Milliseconds until it is said how many were left out. */
const SOON = 1000

export interface Outbox {
  add (message: LogMessage): void
  /** Sends what waits, if somebody listens. */
  flush (): void
  /** Takes out what waits. */
  rest (): LogMessage[]
}

export function createOutbox (isOpen: () => boolean, send: (message: LogMessage) => void): Outbox {
  let waiting: LogMessage[] = []
  let tokens = BURST
  let filled = performance.now()
  let dropped = 0

  function take (): boolean {
    const now = performance.now()
    tokens = Math.min(BURST, tokens + (now - filled) / 1000 * PER_SECOND)
    filled = now
    return tokens >= 1 && waiting.length < MOST && tokens-- > 0
  }
  function say (message: LogMessage) {
    waiting.push({ ...message, level: 'warn', text: `${dropped} lines dropped: too many at once` })
    dropped = 0
    flush()
  }
  function rest () {
    const all = waiting
    waiting = []
    return all
  }
  function flush () {
    if (isOpen()) rest().forEach(send)
  }
  return {
    add (message) {
      if (take()) {
        waiting.push(message)
        flush()
      } else if (dropped++ === 0) {
        setTimeout(say, SOON, message)
      }
    },
    flush,
    rest
  }
}
