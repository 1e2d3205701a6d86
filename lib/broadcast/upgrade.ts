// Brings upgrade requests to Fastify's router, once, whoever else listens on this server.
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

const heads = new WeakMap<IncomingMessage, Buffer>()

/** What the client sent right behind its upgrade request. */
export function headOf (request: IncomingMessage): Buffer {
  return heads.get(request) ?? Buffer.alloc(0)
}

/** An upgrade that is refused is answered in plain HTTP, and nobody else would end its socket. */
export function endWhenAnswered (request: IncomingMessage, response: ServerResponse): void {
  if (!heads.has(request)) return
  const { socket } = request
  response.on('finish', () => socket.end(() => socket.destroy()))
}

/** Returns its own undo. `prefix` is where our routes live. */
export function routeUpgrades (app: FastifyInstance, prefix: string): () => void {
  const { server } = app
  const listener = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    heads.set(request, head)
    const others = server.listeners('upgrade').filter(other => other !== listener)
    // @fastify/websocket, in whatever scope and order, routes every upgrade through Fastify itself.
    if (others.some(other => other.name === 'onUpgrade')) return
    // Any other listener (socket.io, a proxy, Vite) answers for its own paths.
    if (others.length > 0 && !request.url?.startsWith(`${prefix}/`)) return
    // Node takes its error listener off before 'upgrade'; a reset during an async hook must not end the process.
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as never)
    endWhenAnswered(request, response)
    app.routing(request, response)
  }
  server.prependListener('upgrade', listener)
  return () => server.removeListener('upgrade', listener)
}
