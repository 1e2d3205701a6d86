// Follows each reply of the app to its end. A hook `onResponse` would do the same, but makes Fastify add and remove two listeners for each reply of an app without a logger.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { IncomingMessage, type ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Node.js publishes here what a server of HTTP/1.1 has sent: https://nodejs.org/api/diagnostics_channel.html#http */
const FINISHED = 'http.server.response.finish'

interface Open { readonly request: FastifyRequest, readonly at: number }
export type ReplyListener = (request: FastifyRequest, status: number, ms: number) => void

/** Calls `onEnd` when a reply was handed to the system, with the milliseconds since the hooks began. Replies that a client breaks off have no end. */
export function followReplies (app: FastifyInstance, onEnd: ReplyListener): void {
  const kOpen: unique symbol = Symbol('fastify-live-reload.open')
  const end = ({ request, at }: Open, status: number): void => onEnd(request, status, performance.now() - at)

  const follow = (request: FastifyRequest, { raw: response }: FastifyReply): void => {
    const raw: IncomingMessage & { [kOpen]?: Open } = request.raw
    if (raw[kOpen] !== undefined) return
    const open = raw[kOpen] = { request, at: performance.now() }
    if (!isPublished(raw)) response.once('finish', () => end(open, response.statusCode))
  }
  app.addHook('onRequest', (request, reply, done) => {
    follow(request, reply)
    done()
  })
  // A hook of the app before ours has replied: the time before that is not known.
  app.addHook('onSend', (request, reply, _payload, done) => {
    follow(request, reply)
    done()
  })

  const onFinished = (message: unknown): void => {
    const { request, response } = message as { request: { [kOpen]?: Open }, response: ServerResponse }
    if (request[kOpen] !== undefined) end(request[kOpen], response.statusCode)
  }
  subscribe(FINISHED, onFinished)
  app.addHook('onClose', async () => { unsubscribe(FINISHED, onFinished) })
}

/** Not those of HTTP/2, of `app.inject()`, and what answers an upgrade request. */
function isPublished (request: IncomingMessage): boolean {
  return request instanceof IncomingMessage && (request as { upgrade?: boolean }).upgrade !== true
}
