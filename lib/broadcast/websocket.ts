// The WebSocket channel: takes the upgrade of our one route, moves bytes between a socket and the hub.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Connection, Hub } from './channel.js'
import { MAX_PAYLOAD } from './frame.js'
import { refuse, refuseFull } from './guard.js'
import { headOf } from './upgrade.js'

// A message of a page comes whole; many small pieces are no browser's.
const LIMITS = { maxPayload: MAX_PAYLOAD, maxFragments: 16 }

/** Adds `GET /socket` to the scope. The gate stands before it, as before every route of ours. */
export function serveSocket (scope: FastifyInstance, hub: Hub): void {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, ...LIMITS })

  scope.route({
    method: 'GET',
    url: '/socket',
    exposeHeadRoute: false,
    // In a hook, not in the handler: @fastify/websocket, when the app has it, replaces handlers and would take this socket with its own limits.
    onRequest: (request, reply, done) => {
      const { raw } = request
      if (!(raw as { upgrade?: boolean }).upgrade) return done()
      if (hub.full) return refuseFull(reply)
      // ws would agree to the first one named, whatever it is; we speak none.
      if (raw.headers['sec-websocket-protocol'] !== undefined) return refuse(reply, 400, 'live reload: this socket speaks no subprotocol (Sec-WebSocket-Protocol)')
      reply.hijack()
      // Or each socket keeps its request and reply for as long as it lives.
      reply.raw.detachSocket(raw.socket)
      server.handleUpgrade(raw, raw.socket, headOf(raw), socket => attach(socket, hub, atOf(request)))
    },
    handler: (_request, reply) => {
      reply.code(426).header('upgrade', 'websocket').type('text/plain').send('live reload: this address speaks WebSocket only')
    }
  })
}

function attach (socket: WebSocket, hub: Hub, at: string | undefined): void {
  // 'close' follows every error; an unclean end of a tab is nothing to log.
  socket.on('error', () => {})
  const member = hub.join(connect(socket), at)
  if (member === undefined) return socket.close(1013)
  socket.on('message', data => member.receive(String(data)))
  socket.on('close', member.leave)
}

function connect (socket: WebSocket): Connection {
  let alive = true
  socket.on('pong', () => { alive = true })
  return {
    transport: 'ws',
    get buffered () { return socket.bufferedAmount },
    send: frame => socket.send(frame.bytes, { binary: false }, () => {}),
    ping: () => {
      if (!alive) return socket.terminate()
      alive = false
      socket.ping(() => {})
    },
    end: () => socket.close(1001),
    destroy: () => socket.terminate()
  }
}

function atOf (request: FastifyRequest): string | undefined {
  const { at } = request.query as { at?: unknown }
  return typeof at === 'string' ? at : undefined
}
