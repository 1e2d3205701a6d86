// Queues console lines until the connection is open, limits their rate, and reports how many were dropped.
import type { LogMessage } from '../../../types/message.js'

/** Lines that may be sent at once, and lines per second after that. */
const BURST_LINES = 50
const LINES_PER_SECOND = 10
/** Lines that wait for a connection. */
const MAX_WAITING_LINES = 100
/** Delay before dropped lines are reported. */
const REPORT_DELAY_MS = 1000

export interface Outbox {
  add (message: LogMessage): void
  /** Sends what waits if the connection is open. */
  flush (): void
  /** Removes and returns what waits. */
  drain (): LogMessage[]
}

export function createOutbox (isOpen: () => boolean, send: (message: LogMessage) => void): Outbox {
  let waiting: LogMessage[] = []
  let tokens = BURST_LINES
  let filledAt = performance.now()
  let dropped = 0

  function takeToken (): boolean {
    const now = performance.now()
    tokens = Math.min(BURST_LINES, tokens + (now - filledAt) / 1000 * LINES_PER_SECOND)
    filledAt = now
    return tokens >= 1 && waiting.length < MAX_WAITING_LINES && tokens-- > 0
  }
  function reportDropped (message: LogMessage) {
    waiting.push({ ...message, level: 'warn', text: `${dropped} lines dropped: too many at once` })
    dropped = 0
    flush()
  }
  function drain () {
    const lines = waiting
    waiting = []
    return lines
  }
  function flush () {
    if (isOpen()) drain().forEach(send)
  }
  return {
    add (message) {
      if (takeToken()) {
        waiting.push(message)
        flush()
      } else if (dropped++ === 0) {
        setTimeout(reportDropped, REPORT_DELAY_MS, message)
      }
    },
    flush,
    drain
  }
}
