import type { PageMessage, ServerMessage } from '../../types/message.js'
import type { Transport } from '../../types/transport.js'

/** A message encoded once, sent to all. */
export interface Frame {
  readonly type: ServerMessage['type']
  readonly message: ServerMessage
  /** The whole message as one JSON text without line breaks. */
  readonly text: string
  /** `text` as UTF-8. */
  readonly bytes: Buffer
}

/** Messages that go out together. What a transport makes of them is kept with the array, which therefore never changes. */
export type Frames = readonly Frame[]

/** The connection of one tab. The hub decides what happens to it; the connection only moves bytes. */
export interface Connection {
  readonly transport: Transport
  /** Bytes that `send` accepted and the system has not taken yet. */
  readonly buffered: number
  /** Milliseconds until the peer answered the last ping, where it answers. */
  readonly latency?: number | undefined
  /** Sends these messages in order and in one piece. Never throws: the close event of a dead peer reports it. */
  send (frames: Frames): void
  /** Asks the peer for a sign of life, and drops it if it has not answered the previous ping. */
  ping (): void
  /** Ends after everything already sent has arrived. */
  end (): void
  /** Ends now. */
  destroy (): void
}

/** What a connection holds after it joined the hub. */
export interface Subscription {
  /** Takes an unparsed message of the page. Invalid ones are counted and dropped. */
  receive (text: string): void
  /** Reports that the connection ended. Calling it again does nothing. */
  leave (): void
}

export type PageListener = (message: PageMessage, transport: Transport) => void
