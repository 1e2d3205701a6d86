// Who listens, and what they are told: encodes a message once and sends it to all.
import type { FastifyBaseLogger } from 'fastify'
import type { ClientInfo } from '../../types/transport.js'
import type { Connection, Frame, Hub, Membership, PageListener } from './channel.js'
import type { BuildMessage, HelloMessage } from '../../types/message.js'
import { decode, encode } from './frame.js'
import { createMissed } from './missed.js'

export interface HubParts {
  readonly maxConnections: number
  /** What a new connection is told first, and what it missed. */
  hello (): HelloMessage
  /** Builds that fail beside the one in `hello`: it has room for one. */
  failing (): readonly BuildMessage[]
  heard: PageListener
  joined (connection: Connection, size: number): void
  left (connection: Connection, size: number): void
  readonly log: FastifyBaseLogger
}

interface Member {
  readonly connection: Connection
  readonly since: number
  junk: number
}

/** A peer that does not take this many bytes is dropped: it catches up by state when it comes back. */
export const MAX_BUFFERED = 1024 * 1024
const MAX_JUNK = 20
const HEARTBEAT = 15_000
const GRACE = 500

export function createHub (parts: HubParts): Hub {
  const members = new Set<Member>()
  const missed = createMissed()
  let closing: Promise<void> | undefined
  let emptied = () => {}

  // One timer for all; it never keeps the process alive. When the loop was blocked the answers are still unread: nobody is judged by such a beat.
  let last = performance.now()
  const heartbeat = setInterval(() => {
    const late = performance.now() - last > HEARTBEAT * 1.2
    last = performance.now()
    if (!late) for (const { connection } of members) connection.ping()
  }, HEARTBEAT)
  heartbeat.unref()

  const leave = (member: Member): void => {
    if (!members.delete(member)) return
    parts.left(member.connection, members.size)
    if (members.size === 0) emptied()
  }

  const deliver = (member: Member, frame: Frame): void => {
    if (member.connection.buffered > MAX_BUFFERED) {
      parts.log.warn(`a tab does not read (${member.connection.buffered} bytes waiting on its ${member.connection.transport} connection): dropped, it catches up when it returns`)
      member.connection.destroy()
      leave(member)
      return
    }
    try {
      member.connection.send(frame)
    } catch (err) {
      // Against the contract of a connection: the others are told all the same.
      parts.log.warn({ err }, `a ${member.connection.transport} connection could not be written to: dropped`)
      member.connection.destroy()
      leave(member)
    }
  }

  const receive = (member: Member, text: string): void => {
    const message = decode(text)
    if (message !== undefined) return parts.heard(message, member.connection.transport)
    if (++member.junk < MAX_JUNK) return
    parts.log.debug('a connection sends nothing but junk: dropped')
    member.connection.destroy()
    leave(member)
  }

  return {
    get size () { return members.size },
    get full () { return closing !== undefined || members.size >= parts.maxConnections },

    join (connection, at): Membership | undefined {
      if (this.full) return undefined
      const member: Member = { connection, since: performance.now(), junk: 0 }
      members.add(member)
      parts.joined(connection, members.size)
      const hello = parts.hello()
      deliver(member, encode({ ...hello, changes: missed.changes() }))
      for (const build of parts.failing()) deliver(member, encode(build))
      const message = missed.since(at, hello)
      if (message !== undefined) deliver(member, encode(message))
      return { receive: text => receive(member, text), leave: () => leave(member) }
    },

    send (message) {
      if (message.type === 'reload' || message.type === 'update') missed.note(message)
      const frame = encode(message)
      for (const member of members) deliver(member, frame)
    },

    hear (text, transport, type) {
      const message = decode(text, type)
      if (message !== undefined) parts.heard(message, transport)
      return message !== undefined
    },

    clients: (): ClientInfo[] => [...members].map(({ connection, since }) => ({ transport: connection.transport, age: Math.round(performance.now() - since) })),

    close () {
      closing ??= end(members, () => new Promise(resolve => { emptied = resolve }), leave).finally(() => clearInterval(heartbeat))
      return closing
    }
  }
}

// A polite end first; whoever has not gone after the grace is cut off (a frozen tab never answers a close frame).
async function end (members: Set<Member>, empty: () => Promise<void>, leave: (member: Member) => void): Promise<void> {
  if (members.size === 0) return
  const gone = empty()
  const closing = encode({ type: 'closing' })
  for (const { connection } of members) {
    connection.send(closing)
    connection.end()
  }
  let timer: NodeJS.Timeout | undefined
  await Promise.race([gone, new Promise(resolve => { timer = setTimeout(resolve, GRACE) })])
  clearTimeout(timer)
  for (const member of members) {
    member.connection.destroy()
    leave(member)
  }
}
