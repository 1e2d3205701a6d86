// Listeners of `window.__liveReload`.
import type { ClientEvents, LiveReloadClient } from '../../../types/client.js'

interface Listener { readonly event: string, readonly handler: (detail: never) => unknown }

export interface Events {
  readonly on: LiveReloadClient['on']
  /** Returns false when a handler returned `false`. */
  emit<K extends keyof ClientEvents> (event: K, detail: ClientEvents[K]): boolean
  emit (event: string, detail: unknown): boolean
}

export function createEvents (): Events {
  const listeners = new Set<Listener>()
  return {
    on (event: string, handler: Listener['handler']) {
      const listener = { event, handler }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    emit (event: string, detail: unknown) {
      let accepted = true
      for (const listener of listeners) {
        try {
          if (listener.event === event && listener.handler(detail as never) === false) accepted = false
        } catch (error) {
          // The page's own error: report it as such and go on.
          reportError(error)
        }
      }
      return accepted
    }
  }
}
