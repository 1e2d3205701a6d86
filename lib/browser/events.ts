// Who listens to the client.
import type { ClientEvents } from '../../types/client.js'

type Handler<K extends keyof ClientEvents> = (detail: ClientEvents[K]) => unknown
type Handlers = { [K in keyof ClientEvents]?: Set<Handler<K>> }

export interface Events {
  on<K extends keyof ClientEvents> (event: K, handler: Handler<K>): () => void
  /** False when a handler returned `false`. */
  emit<K extends keyof ClientEvents> (event: K, detail: ClientEvents[K]): boolean
}

export function createEvents (): Events {
  const all: Handlers = {}
  function handlersOf<K extends keyof ClientEvents> (event: K): Set<Handler<K>> {
    return (all[event] ??= new Set<Handler<K>>() as NonNullable<Handlers[K]>)
  }
  return {
    on (event, handler) {
      const handlers = handlersOf(event)
      handlers.add(handler)
      return () => { handlers.delete(handler) }
    },
    emit (event, detail) {
      let goOn = true
      for (const handler of handlersOf(event)) {
        try {
          if (handler(detail) === false) goOn = false
        } catch (error) {
          // Theirs, so it is shown as theirs, and does not stop us.
          queueMicrotask(() => { throw error })
        }
      }
      return goOn
    }
  }
}
