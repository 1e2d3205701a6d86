// Listeners of `app.liveReload.on()`. One that throws or rejects is logged, and the others are still called.
import type { FastifyBaseLogger } from 'fastify'
import type { LiveReloadEvent, LiveReloadEvents, LiveReloadListener } from '../../types/events.js'
import type { Undo } from '../../types/live-reload.js'
import type { PageMessage } from '../../types/message.js'
import type { Transport } from '../../types/transport.js'
import { callSafely } from '../shared/call.js'

export class Events {
  readonly #listeners = new Map<LiveReloadEvent, Set<(event: never) => unknown>>()
  readonly #log: FastifyBaseLogger
  /** What happened while events are deferred. */
  #deferred: (() => void)[] | undefined

  constructor (log: FastifyBaseLogger) {
    this.#log = log
  }

  on<E extends LiveReloadEvent> (event: E, listener: LiveReloadListener<E>): Undo {
    const set = this.#listeners.get(event) ?? new Set()
    // The same function added twice is two listeners, each with its own undo.
    const entry = (data: never): unknown => listener(data)
    this.#listeners.set(event, set.add(entry))
    return () => { set.delete(entry) }
  }

  emit<E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]): void {
    if (this.#deferred === undefined) this.#tell(event, data)
    else this.#deferred.push(() => this.#tell(event, data))
  }

  /** What a page said, as an event. */
  emitPageMessage (message: PageMessage, transport: Transport): void {
    if (message.type === 'log') this.emit('log', { ...message, transport })
    if (message.type === 'applied') this.emit('applied', { ...message, transport })
    if (message.type === 'failed') this.emit('connect:fail', { attempts: message.attempts, transport })
    if (message.type === 'fallback') this.emit('fallback', { from: message.from, to: message.to, reason: message.reason })
  }

  /** Listeners hear of what happens in `work` when it has returned, in the same order: they do not delay what it sends. */
  defer (work: () => void): void {
    if (this.#deferred !== undefined) return work()
    const deferred = this.#deferred = [] as (() => void)[]
    try {
      work()
    } finally {
      this.#deferred = undefined
      for (const tell of deferred) tell()
    }
  }

  #tell<E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      callSafely(() => listener(data as never), err => this.#log.error({ err }, `a listener of app.liveReload '${event}' failed`))
    }
  }
}
