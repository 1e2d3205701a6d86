// What pages without a socket of their own say: `POST /applied`, `/fallback` and `/log`, one small JSON object each.
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Hub } from './channel.js'
import { MAX_PAYLOAD } from './frame.js'
import type { Gate } from './gate.js'
import { guardChanges, refuse } from './guard.js'

/** Adds the routes to the scope. They change nothing but counters, and are held to the rule of those that do: POST, JSON, token. */
export function serveBeacons (scope: FastifyInstance, hub: Hub, gate: Gate, log: FastifyBaseLogger): void {
  scope.register(async posts => {
    // The app's parsers are its own: ours takes JSON, as text, and no more of it than a socket does.
    posts.removeAllContentTypeParsers()
    posts.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: MAX_PAYLOAD }, (_request, body, done) => done(null, body))
    guardChanges(posts, gate, log)
    posts.setErrorHandler((error: { statusCode?: number, message: string }, _request, reply) => {
      refuse(reply, error.statusCode ?? 500, `live reload: ${error.message}`)
    })
    for (const type of ['applied', 'fallback', 'log'] as const) {
      posts.post<{ Body: string | undefined, Querystring: { by?: unknown } }>(`/${type}`, { bodyLimit: MAX_PAYLOAD }, ({ body = '', query }, reply) => {
        if (hub.hear(body, query.by === 'ws' ? 'ws' : 'sse', type)) reply.code(204).send()
        else refuse(reply, 400, `live reload: this is no message of the type ${type}`)
      })
    }
  })
}
