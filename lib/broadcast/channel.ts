import type { PageMessage, ServerMessage } from '../../types/message.js'
import type { StatusMessage } from '../../types/status.js'
import type { ClientInfo, Transport } from '../../types/transport.js'

/** What a hub can tell: tabs one thing, status pages the other. */
export type Telling = ServerMessage | StatusMessage

/** A message encoded once, sent to all. */
export interface Frame {
  readonly type: Telling['type']
  readonly message: Telling
  /** The whole message as one JSON text without line breaks. */
  readonly text: string
  /** The same as UTF-8 bytes. */
  readonly bytes: Buffer
}

/** One tab's connection, whatever carries it. The hub decides, the connection only moves bytes. */
export interface Connection {
  readonly transport: Transport
  /** Bytes accepted by `send` and not yet taken by the system. */
  readonly buffered: number
  /** Never throws: a dead peer is told through its own close event. */
  send (frame: Frame): void
  /** Asks the peer whether it is there; a peer that does not answer before the next ping is dropped. */
  ping (): void
  /** Ends politely: what was sent before still arrives. */
  end (): void
  /** Ends now. */
  destroy (): void
}

/** What the hub gives back for a connection that joined. */
export interface Membership {
  /** A message of the page, unparsed. Junk is counted and dropped. */
  receive (text: string): void
  /** The connection ended. Idempotent. */
  leave (): void
}

/** Who listens, and what they are told. */
export interface Hub {
  /** Connections now open. */
  readonly size: number
  /** No further connection is taken: the limit is reached, or the app closes. */
  readonly full: boolean
  /** `undefined` when the limit of connections is reached; the caller answers 503. `at` is what the page was made from. */
  join (connection: Connection, at?: string): Membership | undefined
  send (message: Telling): void
  /** A message of a page that came beside its connection. False when it is none, or not of this type. */
  hear (text: string, transport: Transport, type: PageMessage['type']): boolean
  clients (): ClientInfo[]
  /** Says `closing`, ends everything politely, then by force. Settles within a second. */
  close (): Promise<void>
}

export type PageListener = (message: PageMessage, transport: Transport) => void
