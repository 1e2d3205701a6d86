// `POST /applied`, `/fallback`, `/failed` and `/log`: messages of pages that have no socket, one small JSON object each.
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { isTransport } from '../options/transports.js'
import { acceptJson, OWN_ROUTE, paramOf } from '../shared/own-routes.js'
import { MAX_PAYLOAD_BYTES } from './frame.js'
import type { Gate } from './gate.js'
import { guardChanges, refuse } from './guard.js'
import type { Hub } from './hub.js'

/** Adds the routes to the scope. They need the token, like routes that change something. */
export function serveBeacons (scope: FastifyInstance, hub: Hub, gate: Gate, log: FastifyBaseLogger): void {
  scope.register(async posts => {
    acceptJson(posts, MAX_PAYLOAD_BYTES, (reply, status, message) => refuse(reply, status, `live reload: ${message}`))
    guardChanges(posts, gate, log)
    for (const type of ['applied', 'fallback', 'failed', 'log'] as const) {
      posts.post<{ Body: string | undefined }>(`/${type}`, { ...OWN_ROUTE, bodyLimit: MAX_PAYLOAD_BYTES }, ({ body = '', url }, reply) => {
        const by = paramOf(url, 'by')
        if (hub.receivePosted(body, isTransport(by) ? by : 'sse', type, paramOf(url, 'tab'))) reply.code(204).send()
        else refuse(reply, 400, `live reload: the body is not a message of type ${type}`)
      })
    }
  })
}
