import type { BuildResult, Diagnostic, Progress } from './build.js'
import type { Change } from './change.js'
import type { AppliedMessage, FallbackMessage, LogMessage, ServerMessage } from './message.js'
import type { Transport } from './transport.js'

/** What `app.liveReload.on` listens to, by name. */
export interface LiveReloadEvents {
  /** A batch of differences on disk. `source` is the watch that saw them; `name` is the pipeline of an `input`. */
  change: { readonly source: 'input' | 'output' | 'watch' | 'plugin', readonly name?: string, readonly changes: readonly Change[] }
  /** A build begins. `changed`: absolute paths; empty when everything is built. */
  'build:start': { readonly name: string, readonly id: string, readonly changed: readonly string[] }
  /** A builder reports how far it is. */
  'build:progress': { readonly name: string, readonly id: string, readonly progress: Progress }
  /** A build ended. `result` is absent when it was aborted because a newer change made it stale. */
  'build:end': { readonly name: string, readonly id: string, readonly result?: BuildResult }
  /** A message was sent to `clients` connections. */
  send: { readonly message: ServerMessage, readonly clients: number }
  /** A tab connected; `clients` counts it. */
  connect: { readonly transport: Transport, readonly clients: number }
  /** A tab that is connected again tells how many of its tries had failed, and by which transport it tells so. */
  'connect:fail': { readonly attempts: number, readonly transport: Transport }
  /** A tab is gone; `clients` no longer counts it. */
  disconnect: { readonly transport: Transport, readonly clients: number }
  /** A tab shows a change. */
  applied: AppliedMessage & { readonly transport: Transport }
  /** A tab changed its transport, and why. */
  fallback: Omit<FallbackMessage, 'type'>
  /** A line of a page's console, with `client.forwardConsole`. */
  log: LogMessage & { readonly transport: Transport }
  /** A hot plugin has a new version that serves. `urls`: paths of the pages that used it; absent when there were too many to know. */
  'plugin:reload': { readonly name: string, readonly version: number, readonly ms: number, readonly changed: readonly string[], readonly urls?: readonly string[] }
  /** The newest code of a hot plugin does not serve; `version` still does, 0 being none. */
  'plugin:fail': { readonly name: string, readonly version: number, readonly ms: number, readonly changed: readonly string[], readonly diagnostics: readonly Diagnostic[] }
  /** Something of the plugin failed in the background; it goes on. */
  error: { readonly error: Error }
}

/** The name of an event. */
export type LiveReloadEvent = keyof LiveReloadEvents

/** Receives one kind of event. Its result is ignored. */
export type LiveReloadListener<E extends LiveReloadEvent> = (event: LiveReloadEvents[E]) => unknown
