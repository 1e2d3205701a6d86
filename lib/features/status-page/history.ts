// What happened lately, gathered from the events: saves with their times, pages that changed their transport.
import { stat } from 'node:fs/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { FallbackMessage } from '../../../types/message.js'
import type { FallbackCounts, Save } from '../../../types/status.js'
import type { Events } from '../../live/events.js'
import { createSaves } from './saves.js'

export interface History {
  /** The newest first. */
  saves (): Save[]
  fallbacks (): FallbackCounts
}

/** Milliseconds: a page tells of its transport once, but pages are many, and not all of them ours. */
const PAUSE = 1000
const NAMES = { ws: 'WebSocket', sse: 'SSE' }
const REASONS: Record<FallbackMessage['reason'], string> = {
  timeout: 'did not open in time although the server was there; something on the way swallows it',
  failed: 'failed although the server was there; something on the way refuses it',
  forced: 'was given up on demand'
}

export function createHistory (on: Events['on'], cwd: string, log: FastifyBaseLogger): History {
  const saves = createSaves(cwd)
  const fallbacks = { timeout: 0, failed: 0, forced: 0 }
  let quiet = 0

  // After the message has gone out: nobody waits for this.
  const look = (id: number, path: string): void => {
    setImmediate(() => {
      stat(path).then(({ mtimeMs }) => saves.saved(id, mtimeMs - Date.now() + performance.now()), () => {})
    })
  }

  on('change', event => {
    const id = saves.changed(event)
    const [first] = event.changes
    if (id !== undefined && first !== undefined && first.type !== 'delete') look(id, first.path)
  })
  on('build:start', ({ name }) => saves.started(name, performance.now()))
  on('build:end', ({ name, result }) => {
    saves.ended(name, result, performance.now())
    // What it changed is told in this very tick.
    queueMicrotask(saves.settled)
  })
  on('send', ({ message, clients }) => saves.sent(message, clients, performance.now()))
  on('applied', ({ seq }) => saves.applied(seq, performance.now()))
  on('fallback', ({ from, to, reason }) => {
    fallbacks[reason]++
    if (performance.now() < quiet) return
    quiet = performance.now() + PAUSE
    log.info(`a page left ${NAMES[from]} for ${NAMES[to]}: ${NAMES[from]} ${REASONS[reason]}`)
  })

  return { saves: saves.list, fallbacks: () => ({ ...fallbacks }) }
}
