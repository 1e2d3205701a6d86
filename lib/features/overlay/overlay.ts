// `GET <path>/overlay`: what is broken now, as data that the page only makes elements of.
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { BuildMessage, ClientSettings } from '../../../types/message.js'
import type { OverlayView } from '../../../types/overlay.js'
import { STYLE } from './style.js'
import { problemsOf, textOf, type Failure } from './text.js'
import { writeView } from './view.js'

/** What pages were told of builds that are broken. */
export interface Failures {
  hear (message: Pick<BuildMessage, 'state' | 'name' | 'diagnostics'>): void
  list (): Failure[]
  /** Another one after everything was good. */
  readonly streak: number
}

export function createFailures (): Failures {
  const failed = new Map<string, Failure>()
  let streak = 0
  return {
    // A build that failed stays failed while the next try runs.
    hear ({ state, name, diagnostics = [] }) {
      if (state === 'failed') failed.set(name, { name, diagnostics })
      if (state === 'ok' && failed.delete(name) && failed.size === 0) streak++
    },
    list: () => [...failed.values()],
    get streak () { return streak }
  }
}

/** `null` when nothing is broken. */
export function writeOverlay (failures: Failures, epoch: string, { badge, editor }: Pick<ClientSettings, 'badge' | 'editor'>): OverlayView | null {
  const problems = problemsOf(failures.list())
  if (problems.length === 0) return null
  const text = textOf(problems)
  const streak = `${epoch}.${failures.streak}.`
  const id = streak + createHash('sha256').update(text).digest('base64url').slice(0, 16)
  return { id, css: STYLE, view: writeView({ problems, text, id, streak: badge ? streak : undefined, editor }) }
}

/** Adds the route to a scope that has the gate. */
export function serveOverlay (scope: FastifyInstance, write: () => OverlayView | null): void {
  scope.get('/overlay', { config: { liveReload: false } }, (_request, reply) => {
    // As text: what the app puts around its own JSON (preSerialization) is not for ours.
    reply.type('application/json; charset=utf-8').send(JSON.stringify(write()))
  })
}
