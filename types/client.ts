import type { BuildMessage, FallbackMessage, ReloadMessage, ServerMessage, UpdateMessage } from './message.js'
import type { Transport } from './transport.js'

/** `closed`: not connected and not trying, as the page is hidden, frozen or left. `paused`: the same, by `pause()`. */
export type ClientState = 'connecting' | 'open' | 'closed' | 'paused'

/** Counted since the tab was opened or navigated by hand; reloads by the client keep the counts. Where tabs share a connection, only the tab that has it counts `attempts`, `successes`, `failures` and `fallbacks`. */
export interface ClientMetrics {
  /** Connections tried. */
  attempts: number
  /** Connections greeted by the server. */
  successes: number
  /** Connections that ended before they were greeted. */
  failures: number
  /** Of these, those that the server has not been told of yet. */
  lost: number
  /** Changes of transport. */
  fallbacks: number
  /** Messages of the server. */
  messages: number
  /** Reloads by the client. */
  reloads: number
  /** Changes shown without a reload. */
  updates: number
  /** Milliseconds from the message to the page that shows the change; 0 before the first. */
  lastLatency: number
}

/** Events of `window.__liveReload.on()`. These names are reserved: `app.liveReload.send()` uses others. */
export interface ClientEvents {
  /** Before the page reloads. A handler that returns `false` cancels the reload and shows the change itself. */
  reload: ReloadMessage
  /** Before changes are shown in place. A handler that returns `false` cancels that and shows the change itself. */
  update: UpdateMessage
  /** A build changed its state; also called with the state of the build when the tab connects. A handler that returns `false` shows a failure itself, so the overlay stays away. */
  build: BuildMessage
  /** The other transport has opened: the first one failed although the server is up, or the server asked for the change. */
  fallback: Omit<FallbackMessage, 'type'>
  /** The new state of the client. */
  state: ClientState
  /** Every message, before the client acts on it. */
  message: ServerMessage
}

/** `window.__liveReload`, the only global of the page's client. */
export interface LiveReloadClient {
  /** Transport of the open connection, or `null`. A tab that shares the connection of another tab reports that one. */
  readonly connectionType: Transport | null
  /** Whether the page is connected. */
  readonly state: ClientState
  /** Names the server process that made this page. */
  readonly epoch: string
  /** Number of the newest change that this page shows. */
  readonly seq: number
  /** What has been counted since the tab was opened. */
  readonly metrics: Readonly<ClientMetrics>
  /** Calls `handler` on every such event until the returned function is called. */
  on<K extends keyof ClientEvents> (event: K, handler: (detail: ClientEvents[K]) => unknown): () => void
  /** Calls `handler` with the data of every `app.liveReload.send(event, data)`, in all open tabs, until the returned function is called. */
  on (event: string, handler: (data: unknown) => unknown): () => void
  /** Disconnects, and cancels a reload that is about to happen. */
  pause (): void
  /** Connects again and catches up. */
  resume (): void
  /** Closes the connection and opens a new one, by `transport` if it is given. Tabs that share the connection follow. */
  reconnect (transport?: Transport): void
}
