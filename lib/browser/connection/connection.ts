// Keeps one connection open: reconnects with backoff and falls back to the other transport when this one does not open.
import type { ClientEvents, ClientMetrics } from '../../../types/client.js'
import type { PageMessage, ServerMessage } from '../../../types/message.js'
import type { Transport } from '../../../types/transport.js'
import { protocol } from '../page/navigation.js'
import { storage } from '../page/storage.js'
import type { Page } from '../page/tag.js'
import { backoff } from './backoff.js'
import { type Link, openLink } from './link.js'

type Fallback = ClientEvents['fallback']

const STORAGE_KEY = 'live-reload-transport'
/** How long a transport may take to open when it worked before. */
const TRUSTED_OPEN_TIMEOUT_MS = 10_000
/** A refusal is faster than this. QUIC gives up on an unreachable server after four seconds. */
const QUIC_FAILURE_MS = 2000
/** A connection that lasted this long resets the backoff. */
const STABLE_MS = 5000
/** One in so many tries is a connection. Browsers hold back the sockets of a host that has refused many. */
const TRIES_PER_CONNECTION = 8
/** Failures in a row for which a transport that has worked is not to blame. */
const MAX_TRUSTED_FAILURES = 3

/** As `WebSocket.OPEN`. */
const OPEN = 1

export type ConnectionState = 'connecting' | 'open' | 'closed'

export interface ConnectionOptions {
  readonly page: Page
  readonly metrics: ClientMetrics
  /** Whether to reconnect now. */
  readonly mayRetry: () => boolean
  /** Whether the process that made this page answers. If it does, the transport is what failed. */
  readonly isServerUp: () => Promise<boolean>
  readonly onMessage: (message: ServerMessage) => void
  readonly onState: (state: ConnectionState) => void
  /** The other transport has opened. */
  readonly onFallback: (fallback: Fallback) => void
}

export class Connection {
  readonly #options: ConnectionOptions
  #transport: Transport
  /** The transport worked in this session or is the only one allowed, so the server is the likely cause of a failure. */
  #trusted: boolean
  /** Set while the other transport is tried for the first time. */
  #fallback: Fallback | undefined
  #link: Link | undefined
  #greeted = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #tries = 0
  #startedAt = 0
  /** Numbers the links, so that events of an old link are ignored. */
  #round = 0

  constructor (options: ConnectionOptions) {
    this.#options = options
    const known = options.page.transport ?? storage.readText(STORAGE_KEY) as Transport | undefined
    this.#trusted = !!known
    // A stream is free over HTTP/2 and 3. Over HTTP/1.1 it takes one of six connections.
    this.#transport = known || (/^h[23]/.test(protocol) ? 'sse' : 'ws')
  }

  get transport (): Transport {
    return this.#transport
  }

  /** Switches to a transport that somebody else found to work: the page's own code or another tab. */
  use (transport: Transport | undefined): void {
    if (transport !== this.#other()) return
    this.#transport = transport
    this.#trusted = true
    this.#fallback = undefined
  }

  /** Connects at once. Keeps an open link unless it is `suspicious`. */
  start (suspicious?: boolean): void {
    if (this.#link && !suspicious) return
    this.#tries = 0
    this.#connect()
  }

  stop (): void {
    this.#round++
    clearTimeout(this.#timer)
    this.#link?.close()
    this.#link = undefined
  }

  /** Returns whether the message was sent. */
  send (message: PageMessage): boolean {
    const link = this.#link
    return link?.readyState === OPEN && !!link.send && !link.send(JSON.stringify(message))
  }

  #connect (): void {
    const { page, metrics, onState } = this.#options
    this.stop()
    const round = this.#round
    this.#greeted = false
    this.#startedAt = Date.now()
    metrics.attempts++
    onState('connecting')
    this.#timer = setTimeout(() => this.#onEnd('timeout'), this.#trusted ? TRUSTED_OPEN_TIMEOUT_MS : page.timeout)
    try {
      this.#link = openLink(this.#transport, page, metrics, text => round === this.#round && this.#onText(text), () => round === this.#round && this.#onEnd())
    } catch {
      this.#onEnd()
    }
  }

  #onText (text: string): void {
    let message: ServerMessage | undefined
    try {
      message = JSON.parse(text) as ServerMessage
    } catch {}
    if (!message?.type) return
    this.#options.onMessage(message)
    // A listener may have stopped the connection.
    if (!this.#link) return
    if (message.type === 'closing') this.#onEnd()
    if (message.type === 'reconnect' && message.transport === this.#other() && this.#switch('forced')) this.#connect()
    if (message.type === 'hello' && !this.#greeted) this.#onHello()
  }

  #onHello (): void {
    const { metrics, onState, onFallback } = this.#options
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => { this.#tries = 0 }, STABLE_MS)
    this.#greeted = this.#trusted = true
    metrics.successes++
    if (this.#fallback) {
      storage.writeText(STORAGE_KEY, this.#transport)
      onFallback(this.#fallback)
      this.#fallback = undefined
    }
    onState('open')
  }

  async #onEnd (reason: Fallback['reason'] = 'failed'): Promise<void> {
    const { metrics, isServerUp } = this.#options
    this.stop()
    if (!this.#greeted) {
      metrics.lost++
      metrics.failures++
      const round = this.#round
      // The health check would take the same way as the stream: UDP, which many networks drop.
      const quicFailed = protocol === 'h3' && this.#transport === 'sse' && (reason === 'timeout' || Date.now() - this.#startedAt > QUIC_FAILURE_MS)
      const isToBlame = quicFailed || (!this.#trusted && await isServerUp())
      if (round !== this.#round) return
      if (isToBlame && this.#switch(reason)) return this.#connect()
    }
    this.#pause()
  }

  #pause (): void {
    const { mayRetry, onState } = this.#options
    if (!mayRetry()) return onState('closed')
    this.#timer = setTimeout(() => this.#retry(), backoff(this.#tries++))
    onState('connecting')
  }

  /** Asks the health route most of the time, and connects when it answers. */
  async #retry (): Promise<void> {
    if (this.#tries % TRIES_PER_CONNECTION !== 1) {
      const round = this.#round
      const isUp = await this.#options.isServerUp()
      if (round !== this.#round) return
      if (!isUp) return this.#pause()
      this.#trusted &&= this.#tries <= MAX_TRUSTED_FAILURES
    }
    this.#connect()
  }

  #other (): Transport {
    return this.#transport === 'ws' ? 'sse' : 'ws'
  }

  /** Changes the transport. Returns whether to connect at once: not when both transports have failed. */
  #switch (reason: Fallback['reason']): boolean {
    if (this.#options.page.transport) return false
    const from = this.#transport
    this.#transport = this.#other()
    this.#trusted = false
    this.#fallback = this.#fallback ? undefined : { from, to: this.#transport, reason }
    return !!this.#fallback
  }
}
