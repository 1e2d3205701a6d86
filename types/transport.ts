/** What carries messages to a tab: a WebSocket, or a stream of server-sent events. */
export type Transport = 'ws' | 'sse'

/** What a tab has counted since it was opened or navigated by hand; reloads by the client keep the counts. As it said when it connected, and has reported since. */
export interface TabCounts {
  /** Connections tried. */
  readonly attempts: number
  /** Connections greeted by the server. */
  readonly successes: number
  /** Connections that ended before they were greeted. */
  readonly failures: number
  /** Changes of transport. */
  readonly fallbacks: number
  /** Reloads by the client. */
  readonly reloads: number
  /** Changes shown without a reload. */
  readonly updates: number
}

/** One open connection of a tab. */
export interface ClientInfo {
  /** What carries its messages. */
  readonly transport: Transport
  /** Milliseconds since it connected. */
  readonly age: number
  /** Path of the page that connected, as far as it says. Tabs of one browser share a connection. */
  readonly path?: string
  /** Name and main version of its browser by the header User-Agent, such as `Chrome 130`; another client's first product, such as `curl 8`. */
  readonly browser?: string
  /**
   * Milliseconds to the tab and back. By a ping on a WebSocket and over HTTP/2, when it connects, a second later, and every 15 s. On a stream over HTTP/1.1, which has no ping,
   * by the last change that the tab reported as shown without a reload: its way to the page and the way of the report.
   */
  readonly latency?: number
  /** What the tab has counted; absent for clients that do not say. */
  readonly counts?: TabCounts
}
