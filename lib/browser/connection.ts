// One connection, kept up: tried again with backoff, silent while it is not wanted.
import type { ClientMetrics } from '../../types/client.js'
import { backoff } from './backoff.js'
import type { Address, Link, Transport } from './transport.js'

/** Milliseconds: a try without a greeting for this long has failed; a connection that lasted this long was a good one. */
const PATIENCE = 10_000
const STABLE = 5000
/** After this many failures every other try asks for the server's health first. */
const SUSPICIOUS = 3

export interface ConnectionOptions {
  readonly transport: () => Transport
  readonly address: () => Address
  readonly metrics: ClientMetrics
  /** Whether a lost connection is tried again now. */
  readonly mayRetry: () => boolean
  /** True when the text was the greeting. */
  readonly receive: (text: string) => boolean
  readonly onState: (state: 'connecting' | 'open' | 'closed') => void
  /** What stands behind the refusals: true when connecting makes sense. */
  readonly inspect: () => Promise<boolean>
}

export interface Connection {
  /** Connects at once, unless there is a connection or a try under way. */
  start (): void
  /** Drops what there is and connects at once. */
  restart (): void
  stop (): void
  /** The connection ended: tries again, if it may. */
  lose (): void
  send (text: string): void
}

export function createConnection (options: ConnectionOptions): Connection {
  const { metrics, onState } = options
  let link: Link | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  let greeted = 0

  function drop () {
    clearTimeout(timer)
    link?.close()
    link = timer = undefined
  }

  function connect () {
    drop()
    greeted = 0
    metrics.attempts++
    onState('connecting')
    timer = setTimeout(lose, PATIENCE)
    try {
      link = options.transport()(options.address(), { message, close: lose })
    } catch {
      lose()
    }
  }

  function message (text: string) {
    // A listener may have ended the connection meanwhile.
    if (!options.receive(text) || greeted || !link) return
    clearTimeout(timer)
    greeted = Date.now()
    metrics.successes++
    onState('open')
  }

  function lose () {
    drop()
    if (!greeted) metrics.failures++
    else if (Date.now() - greeted > STABLE) tries = 0
    const retry = options.mayRetry()
    onState(retry ? 'connecting' : 'closed')
    if (retry) timer = setTimeout(again, backoff(tries++))
  }

  async function again () {
    const mine = timer
    if (tries <= SUSPICIOUS || tries % 2 || await options.inspect()) {
      if (timer === mine) connect()
    } else if (timer === mine) {
      timer = setTimeout(again, backoff(tries++))
    }
  }

  function restart () {
    tries = 0
    connect()
  }

  return {
    start () {
      if (!link) restart()
    },
    restart,
    stop () {
      drop()
      onState('closed')
    },
    lose,
    send: text => link?.send(text)
  }
}
