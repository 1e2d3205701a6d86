// What the connection needs of a transport: open it, hear texts, hear the end.
import type { TransportName } from '../../types/client.js'
import type { PageMessage } from '../../types/message.js'

export interface Address {
  /** Where the client's own script came from. */
  readonly base: string
  readonly at: string
  readonly token: string
}

export interface Handlers {
  message (text: string): void
  /** The connection is gone, or never came about. Never called after `Link.close()`. */
  close (): void
}

export interface Link {
  send (message: PageMessage): void
  close (): void
}

export type Transport = (address: Address, handlers: Handlers) => Link
export type Transports = Record<TransportName, Transport>
