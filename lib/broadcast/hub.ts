// Knows every open connection. Encodes a message once and sends it to all of them.
import type { FastifyBaseLogger } from 'fastify'
import type { BuildMessage, HelloMessage, PageMessage, ServerMessage } from '../../types/message.js'
import type { ClientInfo, Transport } from '../../types/transport.js'
import { TRANSPORTS } from '../options/transports.js'
import { clock as systemClock, type Clock } from '../shared/clock.js'
import type { Connection, Frames, PageListener, Subscription } from './channel.js'
import { Outbox } from './delivery/outbox.js'
import { Turns } from './delivery/turns.js'
import { decode, encode } from './frame.js'
import { createRecentChanges, newestOf } from './recent-changes.js'
import { Tab, type TabFacts } from './tab.js'

export interface HubOptions {
  readonly maxConnections: number
  /** The first message on every connection. */
  hello (): HelloMessage
  /** All failed builds but the one in `hello`. */
  failedBuilds (): readonly BuildMessage[]
  onMessage: PageListener
  onConnect (connection: Connection, size: number): void
  onDisconnect (connection: Connection, size: number): void
  readonly log: FastifyBaseLogger
  readonly clock?: Clock
  /** Other processes make pages with stamps of the same epoch. @default false */
  readonly sharesEpoch?: boolean
}

interface Member {
  readonly connection: Connection
  readonly joinedAt: number
  readonly facts: TabFacts
  readonly tab: Tab
  /** Bytes that may wait for the peer: the cap plus the size of its greeting. */
  maxBuffered: number
  invalidMessages: number
}

/** A peer that lets more bytes than this wait is dropped. It catches up when it reconnects. */
const MAX_BUFFERED_BYTES = 1024 * 1024
const MAX_INVALID_MESSAGES = 20
const HEARTBEAT_MS = 15_000
/** A heartbeat later than this means that the event loop was blocked. */
const MAX_HEARTBEAT_DELAY_MS = 3_000
const CLOSE_TIMEOUT_MS = 500

export class Hub {
  readonly #options: HubOptions
  readonly #clock: Clock
  readonly #members = new Set<Member>()
  /** Those whose page posts its messages, by what they call themselves. */
  readonly #named = new Map<string, Member>()
  /** Members by transport. They are counted as they come and go: every tab that has lost its connection asks for the status. */
  readonly #counts = Object.fromEntries(TRANSPORTS.map(name => [name, 0])) as Record<Transport, number>
  /** The newest changes, for tabs that missed some of them. */
  readonly #recentChanges = createRecentChanges()
  readonly #outbox = new Outbox<Member>(this.#members, (member, frames) => this.#deliver(member, frames))
  /** Apart from the messages, which are not to wait for them. */
  readonly #pings = new Turns<Member>()
  #closing: Promise<void> | undefined
  #onLastLeft = (): void => {}
  #stopHeartbeat: () => void

  constructor (options: HubOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#stopHeartbeat = this.#startHeartbeat()
  }

  /** The number of open connections. */
  get size (): number { return this.#members.size }

  /** The number of connections that may be open. */
  get limit (): number { return this.#options.maxConnections }

  /** True when no further connection is accepted: the limit is reached, or the app is closing. */
  get full (): boolean { return this.#closing !== undefined || this.size >= this.limit }

  /** Greets a connection. `at` is the stamp of the page. Returns `undefined` when the hub is full or closing. */
  join (connection: Connection, at?: string, facts: TabFacts = {}): Subscription | undefined {
    if (this.full) return undefined
    const member: Member = { connection, joinedAt: this.#clock.now(), facts, tab: new Tab(facts.counts), maxBuffered: Infinity, invalidMessages: 0 }
    this.#members.add(member)
    if (facts.id !== undefined) this.#named.set(facts.id, member)
    this.#counts[connection.transport]++
    this.#options.onConnect(connection, this.size)
    const own = this.#options.hello()
    const hello = this.#options.sharesEpoch === true ? { ...own, seq: newestOf(at, own) } : own
    const missed = this.#recentChanges.missedSince(at, hello)
    const greeting = [{ ...hello, changes: this.#recentChanges.all() }, ...this.#options.failedBuilds(), ...missed === undefined ? [] : [missed]].map(encode)
    this.#deliver(member, greeting)
    // A greeting alone can exceed the cap: a tab dropped for it would reconnect, and be dropped again, forever.
    member.maxBuffered = greeting.reduce((sum, { bytes }) => sum + bytes.length, MAX_BUFFERED_BYTES)
    return { receive: text => this.#receive(member, text), leave: () => this.#leave(member) }
  }

  send (message: ServerMessage): void {
    if (message.type === 'reload' || message.type === 'update') this.#recentChanges.add(message)
    this.#outbox.send(encode(message))
  }

  /** Takes a message that the page named `tab` posted beside its connection. Returns false when it is invalid or not of this type. */
  receivePosted (text: string, transport: Transport, type: PageMessage['type'], tab?: string): boolean {
    const message = decode(text, type)
    if (message === undefined) return false
    if (tab !== undefined) this.#named.get(tab)?.tab.heard(message, this.#clock.now())
    this.#options.onMessage(message, transport)
    return true
  }

  /** The number of open connections by each transport. */
  counts (): Record<Transport, number> {
    return { ...this.#counts }
  }

  /** The open connections, the oldest first. */
  clients (): ClientInfo[] {
    const now = this.#clock.now()
    return [...this.#members].map(member => describe(member, now))
  }

  /** Sends `closing` and ends every connection, by force after `CLOSE_TIMEOUT_MS`. */
  close (): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #end (): Promise<void> {
    this.#stopHeartbeat()
    if (this.size === 0) return
    this.#outbox.flush()
    const closing = [encode({ type: 'closing' })]
    await new Promise<void>(resolve => {
      const cancel = this.#clock.after(CLOSE_TIMEOUT_MS, resolve)
      this.#onLastLeft = () => {
        cancel()
        resolve()
      }
      for (const { connection } of this.#members) {
        connection.send(closing)
        connection.end()
      }
    })
    // A frozen tab never answers a close frame.
    for (const member of this.#members) this.#drop(member)
  }

  #deliver (member: Member, frames: Frames): void {
    const { buffered, transport } = member.connection
    if (buffered > member.maxBuffered) {
      this.#options.log.warn(`a tab does not read its ${transport} connection (${buffered} bytes are waiting): dropped, it catches up when it reconnects`)
      return this.#drop(member)
    }
    try {
      member.connection.send(frames)
      const now = this.#clock.now()
      for (const { message } of frames) member.tab.sent(message, now)
    } catch (err) {
      // A connection must not throw. If one does, the others still get the message.
      this.#options.log.warn({ err }, `writing to a ${transport} connection failed: dropped`)
      this.#drop(member)
    }
  }

  #receive (member: Member, text: string): void {
    const message = decode(text)
    if (message !== undefined) {
      member.tab.heard(message, this.#clock.now())
      return this.#options.onMessage(message, member.connection.transport)
    }
    if (++member.invalidMessages < MAX_INVALID_MESSAGES) return
    this.#options.log.debug(`a connection sent ${MAX_INVALID_MESSAGES} invalid messages: dropped`)
    this.#drop(member)
  }

  #drop (member: Member): void {
    member.connection.destroy()
    this.#leave(member)
  }

  #leave (member: Member): void {
    if (!this.#members.delete(member)) return
    this.#outbox.forget(member)
    const { id } = member.facts
    // A page that connects again may do so before its old connection has ended.
    if (id !== undefined && this.#named.get(id) === member) this.#named.delete(id)
    this.#counts[member.connection.transport]--
    this.#options.onDisconnect(member.connection, this.size)
    if (this.size === 0) this.#onLastLeft()
  }

  // One timer for all connections.
  #startHeartbeat (): () => void {
    const due = this.#clock.now() + HEARTBEAT_MS
    return this.#clock.after(HEARTBEAT_MS, () => {
      // After a blocked event loop answers to the previous ping may be unread: skip this round.
      const wasBlocked = this.#clock.now() > due + MAX_HEARTBEAT_DELAY_MS
      if (!wasBlocked) this.#pings.add(this.#members, member => { if (this.#members.has(member)) member.connection.ping() })
      this.#stopHeartbeat = this.#startHeartbeat()
    })
  }
}

function describe ({ connection, joinedAt, facts: { path, browser }, tab: { counts, latency: reported } }: Member, now: number): ClientInfo {
  const latency = connection.latency ?? reported
  return {
    transport: connection.transport,
    age: Math.round(now - joinedAt),
    ...path !== undefined && { path },
    ...browser !== undefined && { browser },
    ...latency !== undefined && { latency: Math.round(latency * 10) / 10 },
    ...counts !== undefined && { counts }
  }
}
