// One connection, kept up: tried again with backoff, by the other transport where one does not open, silent while it is not wanted.
import type { ClientMetrics, TransportName } from '../../types/client.js'
import type { PageMessage, ServerMessage } from '../../types/message.js'
import { backoff } from './backoff.js'
import type { Choice, Fallback } from './choice.js'
import { parse } from './receive.js'
import type { Address, Link, Transports } from './transport.js'

/** Milliseconds: a connection that lasted this long was a good one. */
const STABLE = 5000
/** After this many failures of a transport that worked before, every other one makes us ask for the server's health. */
const SUSPICIOUS = 3

export type LineState = 'connecting' | 'open' | 'closed'

export interface LineOptions {
  readonly choice: Choice
  /** Whether a lost connection is tried again now. */
  readonly mayRetry: () => boolean
  readonly receive: (message: ServerMessage) => void
  readonly onState: (state: LineState) => void
}

export interface ConnectionOptions extends LineOptions {
  readonly transports: Transports
  readonly address: () => Address
  readonly metrics: ClientMetrics
  /** Whether the process that made this page answers: then it is the transport that failed. */
  readonly isThere: () => Promise<boolean>
}

/** How the page hears the server: by a connection of its own, or by another tab's. */
export interface Line {
  readonly transport: TransportName
  /** Connects at once, unless there is a connection or a try under way; `doubtful`: even then. */
  start (doubtful?: boolean): void
  /** Drops what there is and connects at once; by this transport, if one is named. */
  restart (transport?: TransportName): void
  stop (): void
  /** The connection ended: tries again, if it may. */
  lose (): void
  send (message: PageMessage): void
}

export function createConnection ({ choice, metrics, onState, ...options }: ConnectionOptions): Line {
  let link: Link | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  let began = 0
  let greeted = 0
  let round = 0

  function drop () {
    round++
    clearTimeout(timer)
    link?.close()
    link = timer = undefined
  }

  function connect () {
    drop()
    greeted = 0
    began = Date.now()
    metrics.attempts++
    onState('connecting')
    timer = setTimeout(fail, choice.patience, 'timeout')
    try {
      link = options.transports[choice.name](options.address(), { message, close: lose })
    } catch {
      lose()
    }
  }

  function message (text: string) {
    const message = parse(text)
    if (!message) return
    if (message.type === 'reconnect') {
      if (choice.turn(message.transport)) connect()
      return
    }
    options.receive(message)
    // A listener may have ended the connection meanwhile.
    if (message.type !== 'hello' || greeted || !link) return
    clearTimeout(timer)
    greeted = Date.now()
    metrics.successes++
    choice.opened()
    onState('open')
  }

  function lose () {
    if (!greeted) return fail('failed')
    drop()
    if (Date.now() - greeted > STABLE) tries = 0
    wait()
  }

  async function fail (reason: Fallback['reason']) {
    drop()
    metrics.failures++
    const mine = round
    const doubtful = tries < SUSPICIOUS ? !choice.trusted : tries % 2
    const blamed = options.mayRetry() && (choice.unproven(reason, Date.now() - began) || (doubtful && await options.isThere()))
    if (mine !== round) return
    if (blamed && choice.leave(reason)) connect()
    else wait()
  }

  function wait () {
    const retry = options.mayRetry()
    onState(retry ? 'connecting' : 'closed')
    if (retry) timer = setTimeout(connect, backoff(tries++))
  }

  function restart () {
    tries = 0
    connect()
  }

  return {
    get transport () { return choice.name },
    start (doubtful) {
      if (doubtful || !link) restart()
    },
    restart (transport) {
      if (transport) choice.use(transport)
      restart()
    },
    stop () {
      drop()
      onState('closed')
    },
    lose,
    send: message => link?.send(message)
  }
}
