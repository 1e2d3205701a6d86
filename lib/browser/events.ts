// Who listens to the client.
import type { ClientEvents } from '../../types/client.js'

type Handler<K extends keyof ClientEvents> = (detail: ClientEvents[K]) => unknown
interface Listener { readonly event: string, readonly handler: (detail: never) => unknown }

export interface Events {
  on<K extends keyof ClientEvents> (event: K, handler: Handler<K>): () => void
  /** False when a handler returned `false`. */
  emit<K extends keyof ClientEvents> (event: K, detail: ClientEvents[K]): boolean
}

export function createEvents (): Events {
  const listeners = new Set<Listener>()
  return {
    on (event, handler) {
      const listener = { event, handler }
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    },
    emit (event, detail) {
      let goOn = true
      for (const listener of listeners) {
        try {
          if (listener.event === event && listener.handler(detail as never) === false) goOn = false
        } catch (error) {
          // Theirs, so it is shown as theirs, and does not stop us.
          reportError(error)
        }
      }
      return goOn
    }
  }
}
