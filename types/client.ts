import type { BuildMessage, FallbackMessage, ReloadMessage, ServerMessage, UpdateMessage } from './message.js'
import type { Transport } from './transport.js'

/** `closed`: no connection and none being tried (hidden, frozen, left). `paused`: the same, by `pause()`. */
export type ClientState = 'connecting' | 'open' | 'closed' | 'paused'

/** Counted since the tab was opened or navigated by hand; the client's own reloads carry them on. Where tabs share a connection, the one that has it counts it. */
export interface ClientMetrics {
  /** Connections tried, greeted by the server, and failed. */
  attempts: number
  /** Connections that the server greeted. */
  successes: number
  /** Connections that failed. */
  failures: number
  /** Changes of transport. */
  fallbacks: number
  /** Messages received. */
  messages: number
  /** Reloads this client made. */
  reloads: number
  /** Updates this client made in place. */
  updates: number
  /** Milliseconds from the message to the page that shows the change. 0 until there was one. */
  lastLatency: number
}

/** What `window.__liveReload.on` listens to, by name. Any other name is an event of the app, sent by `app.liveReload.send()`. */
export interface ClientEvents {
  /** The page is about to reload. */
  reload: ReloadMessage
  /** The page is about to show changed files in place. */
  update: UpdateMessage
  /** A build has begun, made progress, failed or ended well. */
  build: BuildMessage
  /** A transport did not open although the server was there, and the other one did; or the server asked for the other one. */
  fallback: Omit<FallbackMessage, 'type'>
  /** The connection has a new state. */
  state: ClientState
  /** Every message, before it is acted on. */
  message: ServerMessage
}

/** `window.__liveReload`, the only global of the page's client. */
export interface LiveReloadClient {
  /** A tab that shares the connection of another tells that one's. */
  readonly connectionType: Transport | null
  /** State of the connection. */
  readonly state: ClientState
  /** The server process this page was made by. */
  readonly epoch: string
  /** The newest change this page shows. */
  readonly seq: number
  /** Counters of this tab. */
  readonly metrics: Readonly<ClientMetrics>
  /**
   * Calls `handler` on every such event, until the function that comes back is called.
   * A `reload` or `update` handler that returns `false` cancels what the client would do and answers for showing the change itself.
   * A `build` handler that returns `false` shows a failure itself: the overlay stays away. It hears the state a build is in when the tab connects, too.
   */
  on<K extends keyof ClientEvents> (event: K, handler: (detail: ClientEvents[K]) => unknown): () => void
  /** Disconnects, and forgets a reload that was about to happen. */
  pause (): void
  /** Connects again; what was missed is caught up. */
  resume (): void
  /** Drops the connection and opens a new one, by another transport if one is named. */
  reconnect (transport?: Transport): void
}
