// Limits the requests to the plugin's routes: so many in a window of time, from one address and from all together.
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { RateLimitSettings } from '../options/settings.js'
import { clock as systemClock, type Clock } from '../shared/clock.js'
import { isScript } from '../shared/own-routes.js'
import { refuse } from './guard.js'

export class RateLimit {
  readonly #rules: RateLimitSettings
  readonly #clock: Clock
  /** Requests of this window by address. Refused ones are not counted, so there are never more addresses than `total`. */
  readonly #counts = new Map<string, number>()
  #total = 0
  #windowEnd = -Infinity

  constructor (rules: RateLimitSettings, clock: Clock = systemClock) {
    this.#rules = rules
    this.#clock = clock
  }

  /** Counts a request. Returns 0, or the milliseconds after which the address may ask again. */
  take (address: string): number {
    const now = this.#clock.now()
    if (now >= this.#windowEnd) {
      this.#counts.clear()
      this.#total = 0
      this.#windowEnd = now + this.#rules.window
    }
    const count = this.#counts.get(address) ?? 0
    if (count >= this.#rules.max || this.#total >= this.#rules.total) return this.#windowEnd - now
    this.#counts.set(address, count + 1)
    this.#total++
    return 0
  }
}

/**
 * Returns what adds the limit to a scope that has the gate: what the gate refuses is not counted, so other sites cannot use up the share of this browser.
 * The address is that of the connection, because a program may write anything into a header.
 */
export function createRateLimit (rules: RateLimitSettings | false, log: FastifyBaseLogger, clock?: Clock): (scope: FastifyInstance) => void {
  if (rules === false) return () => {}
  const { max, total, window } = rules
  const limit = new RateLimit(rules, clock)
  let warned = false
  return scope => scope.addHook('onRequest', (request, reply, done) => {
    const address = request.raw.socket.remoteAddress ?? 'a local socket'
    // A page without its script could not come back.
    const wait = isScript(request) ? 0 : limit.take(address)
    if (wait === 0) return done()
    const seconds = Math.ceil(wait / 1000)
    if (!warned) log.warn(`live reload: more than ${max} requests from ${address}, or ${total} in all, within ${window / 1000} s: the rest is answered 429. Tabs wait and come back; if so many are right, raise security.rateLimit`)
    warned = true
    refuse(reply.header('retry-after', String(seconds)), 429, `live reload: too many requests; ask again in ${seconds} s (security.rateLimit)`)
  })
}
