// Counts tabs that changed their transport, and says in the log why they did.
import type { FastifyBaseLogger } from 'fastify'
import type { FallbackMessage } from '../../types/message.js'
import type { FallbackCounts } from '../../types/status.js'
import { TRANSPORT_NAMES } from '../options/transports.js'

/** Many tabs fall back at the same moment: one line speaks for them. */
const LOG_INTERVAL_MS = 1000
const REASONS: Record<FallbackMessage['reason'], string> = {
  timeout: 'did not open in time although the server was there; something on the way swallows it',
  failed: 'failed although the server was there; something on the way refuses it',
  forced: 'was given up on demand'
}

export class Fallbacks {
  readonly #counts = { timeout: 0, failed: 0, forced: 0 }
  readonly #log: FastifyBaseLogger
  #quietUntil = 0

  constructor (log: FastifyBaseLogger) {
    this.#log = log
  }

  add ({ from, to, reason }: Omit<FallbackMessage, 'type'>): void {
    this.#counts[reason]++
    if (performance.now() < this.#quietUntil) return
    this.#quietUntil = performance.now() + LOG_INTERVAL_MS
    this.#log.info(`a page left ${TRANSPORT_NAMES[from]} for ${TRANSPORT_NAMES[to]}: ${TRANSPORT_NAMES[from]} ${REASONS[reason]}`)
  }

  counts (): FallbackCounts {
    return { ...this.#counts }
  }
}
