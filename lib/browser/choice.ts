// Which transport carries the messages: by what the page came over, by what failed, by what worked before.
import type { ClientEvents, TransportName } from '../../types/client.js'
import { protocol } from './timing.js'

export type Fallback = ClientEvents['fallback']

export interface Choice {
  readonly name: TransportName
  /** It worked in this session, or it is the only one allowed: a failure is rather the server's. */
  readonly trusted: boolean
  /** Milliseconds it may take to open. */
  readonly patience: number
  /** Nobody can be asked whether the server is there: the question would take the same way, UDP, which many networks drop. */
  unproven (reason: Fallback['reason'], ms: number): boolean
  /** Somebody knows better: the page's own code, another tab. */
  use (name: TransportName): void
  /** The server asks for it. False where there is nothing to change, or no choice. */
  turn (name: TransportName): boolean
  /** It did not open although the server is there. True: the other one is worth a try at once. */
  leave (reason: Fallback['reason']): boolean
  opened (): void
}

export interface ChoiceOptions {
  /** The only one allowed, if one is. */
  readonly forced: TransportName | undefined
  readonly timeout: number
  readonly fell: (fallback: Fallback) => void
}

const KEY = 'live-reload-transport'
const OTHER = { ws: 'sse', sse: 'ws' } as const
const PATIENCE = 10_000
/** Milliseconds: what refuses, does so sooner. QUIC without an answer gives up after four seconds. */
const SLOW = 2000

function remembered (): TransportName | undefined {
  try {
    const name = sessionStorage.getItem(KEY)
    return name === 'ws' || name === 'sse' ? name : undefined
  } catch {
    return undefined
  }
}

export function createChoice ({ forced, timeout, fell }: ChoiceOptions): Choice {
  const known = forced ?? remembered()
  // Over HTTP/2 and 3 a stream costs nothing; over HTTP/1.1 it takes one of six connections.
  let name = known ?? (/^h[23]/.test(protocol) ? 'sse' : 'ws')
  let trusted = known !== undefined
  let left: Fallback | undefined
  return {
    get name () { return name },
    get trusted () { return trusted },
    get patience () { return trusted ? PATIENCE : timeout },
    unproven: (reason, ms) => protocol === 'h3' && name === 'sse' && (reason === 'timeout' || ms > SLOW),
    use (next) {
      name = next
      trusted = true
      left = undefined
    },
    turn (to) {
      if (forced || to === name || !OTHER[to]) return false
      left = { from: name, to, reason: 'forced' }
      name = to
      trusted = false
      return true
    },
    leave (reason) {
      if (forced) return false
      const other = OTHER[name]
      // Both failed: so it is neither. Back to the first, and no hurry.
      const both = left !== undefined
      left = both ? undefined : { from: name, to: other, reason }
      name = other
      trusted = false
      return !both
    },
    opened () {
      trusted = true
      if (!left) return
      try {
        sessionStorage.setItem(KEY, name)
      } catch {}
      fell(left)
      left = undefined
    }
  }
}
