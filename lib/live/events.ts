// `app.liveReload.on`: typed listeners; one that throws is logged and harms nobody.
import type { FastifyBaseLogger } from 'fastify'
import type { LiveReloadEvent, LiveReloadEvents, LiveReloadListener } from '../../types/observe.js'

export interface Events {
  on<E extends LiveReloadEvent> (event: E, listener: LiveReloadListener<E>): () => void
  emit<E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]): void
}

export function createEvents (log: FastifyBaseLogger): Events {
  const listeners = new Map<LiveReloadEvent, Set<(data: never) => void>>()
  return {
    on (event, listener) {
      const set = listeners.get(event) ?? new Set()
      // A wrapper of its own: the same function added twice is two listeners, each with its own undo.
      const entry = (data: never): void => listener(data)
      listeners.set(event, set.add(entry))
      return () => { set.delete(entry) }
    },
    emit (event, data) {
      for (const listener of listeners.get(event) ?? []) {
        try {
          listener(data as never)
        } catch (err) {
          log.error({ err }, `a listener of app.liveReload '${event}' threw`)
        }
      }
    }
  }
}
