/** What carries messages to a tab: a WebSocket, or a stream of server-sent events. */
export type Transport = 'ws' | 'sse'

/** One open connection of a tab. */
export interface ClientInfo {
  /** What carries its messages. */
  readonly transport: Transport
  /** Milliseconds since it connected. */
  readonly age: number
  /** Path of the page that connected, as far as it says. Tabs of one browser share a connection. */
  readonly path?: string
}
