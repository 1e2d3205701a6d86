// What the connection needs of a transport: open it, hear texts, hear the end.

export interface Address {
  /** Where the client's own script came from. */
  readonly base: string
  readonly query: string
}

export interface Handlers {
  message (text: string): void
  /** The connection is gone, or never came about. Never called after `Link.close()`. */
  close (): void
}

export interface Link {
  send (text: string): void
  close (): void
}

export type Transport = (address: Address, handlers: Handlers) => Link
