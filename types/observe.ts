import type { BuildResult, Progress } from './build.js'
import type { Change } from './change.js'
import type { Transport } from './transport.js'
import type { AppliedMessage, FallbackMessage, ServerMessage } from './message.js'

/** What `app.liveReload.on` tells, by name. */
export interface LiveReloadEvents {
  /** A batch of differences on disk; `source` is the watch that saw them. */
  change: { readonly source: 'input' | 'output' | 'watch' | 'plugin', readonly name?: string, readonly changes: readonly Change[] }
  'build:start': { readonly name: string, readonly id: string, readonly changed: readonly string[] }
  'build:progress': { readonly name: string, readonly id: string, readonly progress: Progress }
  /** `result` is absent when the build was aborted because a newer change made it stale. */
  'build:end': { readonly name: string, readonly id: string, readonly result?: BuildResult }
  send: { readonly message: ServerMessage, readonly clients: number }
  connect: { readonly transport: Transport, readonly clients: number }
  disconnect: { readonly transport: Transport, readonly clients: number }
  applied: AppliedMessage & { readonly transport: Transport }
  /** A page changed its transport, and why. */
  fallback: Omit<FallbackMessage, 'type'>
  error: { readonly error: Error }
}

export type LiveReloadEvent = keyof LiveReloadEvents

export type LiveReloadListener<E extends LiveReloadEvent> = (event: LiveReloadEvents[E]) => void
