// One connection, kept up: tried again with backoff, by the other transport where one does not open, silent while it is not wanted.
import type { ClientEvents, ClientMetrics } from '../../types/client.js'
import type { Transport } from '../../types/transport.js'
import type { PageMessage, ServerMessage } from '../../types/message.js'
import { backoff } from './backoff.js'
import { openLink, type Link } from './link.js'
import type { Page } from './tag.js'
import { protocol } from './timing.js'

type Fallback = ClientEvents['fallback']

const KEY = 'live-reload-transport'
/** Milliseconds that a transport which has worked before may take to open. */
const PATIENCE = 10_000
/** Milliseconds: what refuses, does so sooner. QUIC without an answer gives up after four seconds. */
const SLOW = 2000
/** Milliseconds: a connection that lasted this long was a good one. */
const STABLE = 5000
/** After this many failures of a transport that worked before, we ask for the server's health. */
const SUSPICIOUS = 3

export type LineState = 'connecting' | 'open' | 'closed'

export interface LineOptions {
  readonly page: Page
  readonly metrics: ClientMetrics
  /** Whether a lost connection is tried again now. */
  readonly mayRetry: () => boolean
  /** Whether the process that made this page answers: then it is the transport that failed. */
  readonly isThere: () => Promise<boolean>
  readonly receive: (message: ServerMessage) => void
  readonly onState: (state: LineState) => void
  /** The other transport has opened. */
  readonly fell: (fallback: Fallback) => void
}

/** How the page hears the server: by a connection of its own, or by another tab's. */
export interface Line {
  transport (): Transport
  /** Somebody knows better: the page's own code, another tab. */
  use (transport: Transport | undefined): void
  /** Connects at once, unless there is a connection or a try under way; `doubtful`: even then. */
  start (doubtful?: boolean): void
  stop (): void
  /** Whether it is on its way. */
  send (message: PageMessage): boolean
}

export function createConnection ({ page, metrics, mayRetry, isThere, receive, onState, fell }: LineOptions): Line {
  const forced = page.transport
  let known = forced ?? null
  try {
    known ??= sessionStorage.getItem(KEY) as Transport | null
  } catch {}
  // Over HTTP/2 and 3 a stream costs nothing; over HTTP/1.1 it takes one of six connections.
  let name = known ?? (/^h[23]/.test(protocol) ? 'sse' : 'ws')
  /** It worked in this session, or it is the only one allowed: a failure is rather the server's. */
  let trusted = !!known
  /** It stands in for the other one, and has not opened yet. */
  let left: Fallback | undefined
  let link: Link | undefined
  let greeted = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  let began = 0
  let round = 0

  function drop () {
    round++
    clearTimeout(timer)
    link?.close()
    link = undefined
  }

  function connect () {
    drop()
    const mine = round
    greeted = false
    began = Date.now()
    metrics.attempts++
    onState('connecting')
    timer = setTimeout(lose, trusted ? PATIENCE : page.timeout, 'timeout')
    try {
      link = openLink(name, page, text => mine === round && hear(text), () => mine === round && lose())
    } catch {
      lose()
    }
  }

  function hear (text: string) {
    let message: ServerMessage | null
    try {
      message = JSON.parse(text) as ServerMessage | null
    } catch {
      return
    }
    // The type may still be one we do not know.
    if (!message?.type) return
    receive(message)
    // A listener may have ended the connection meanwhile.
    if (!link) return
    if (message.type === 'closing') lose()
    if (message.type === 'reconnect' && message.transport === other() && leave('forced')) connect()
    if (message.type !== 'hello' || greeted) return
    clearTimeout(timer)
    timer = setTimeout(() => { tries = 0 }, STABLE)
    greeted = trusted = true
    metrics.successes++
    if (left) {
      try {
        sessionStorage.setItem(KEY, name)
      } catch {}
      fell(left)
      left = undefined
    }
    onState('open')
  }

  async function lose (reason: Fallback['reason'] = 'failed') {
    drop()
    if (!greeted) {
      metrics.failures++
      const mine = round
      // The question would take the same way as the stream: UDP, which many networks drop.
      const dark = protocol === 'h3' && name === 'sse' && (reason === 'timeout' || Date.now() - began > SLOW)
      const there = !dark && (!trusted || tries >= SUSPICIOUS) && await isThere()
      if (mine !== round) return
      // It may have come back between the two: what has worked is tried once more before it is blamed.
      if (there && trusted && !forced) {
        trusted = false
        return connect()
      }
      if ((dark || there) && leave(reason)) return connect()
    }
    if (!mayRetry()) return onState('closed')
    timer = setTimeout(connect, backoff(tries++))
    onState('connecting')
  }

  const other = () => name === 'ws' ? 'sse' : 'ws'

  /** True: the other one is worth a try at once. */
  function leave (reason: Fallback['reason']): boolean {
    if (forced) return false
    const from = name
    name = other()
    trusted = false
    // Both failed: so it is neither. Back to the first, and no hurry.
    left = left ? undefined : { from, to: name, reason }
    return !!left
  }

  return {
    transport: () => name,
    use (transport) {
      if (transport !== other()) return
      name = transport
      trusted = true
      left = undefined
    },
    start (doubtful) {
      if (link && !doubtful) return
      tries = 0
      connect()
    },
    stop: drop,
    send (message) {
      if (link?.readyState !== WebSocket.OPEN || !link.send) return false
      link.send(JSON.stringify(message))
      return true
    }
  }
}
