// The WebSocket: a route of @fastify/websocket, fed by the hub.
import { Socket } from 'node:net'
import websocket, { type WebSocket } from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { OWN_ROUTE, paramOf } from '../shared/own-routes.js'
import type { Connection } from './channel.js'
import { MAX_PAYLOAD_BYTES, memoize, toSocketFrame } from './frame.js'
import { refuse, refuseFull } from './guard.js'
import type { Hub } from './hub.js'
import { askTwice } from './ping.js'
import { readTab } from './tab.js'
import { routeUpgrades, type Upgrades } from './upgrade.js'

// A page sends each message in one piece.
const LIMITS = { maxPayload: MAX_PAYLOAD_BYTES, maxFragments: 16, perMessageDeflate: false }

const toBytes = memoize(toSocketFrame)

/** Adds `GET /socket` to the scope, which has the gate. Pages whose upgrade requests go elsewhere use SSE: see `reachable`. */
export function serveSocket (scope: FastifyInstance, hub: Hub): Pick<Upgrades, 'reachable'> {
  const upgrades = routeUpgrades(scope, `${scope.prefix}/socket`)

  scope.register(async inner => {
    // When the app has registered it above us, its hook has wrapped our route, and a second one would fail.
    const isTaken = inner.hasDecorator('websocketServer') || inner.hasDecorator('injectWS') || inner.hasRequestDecorator('ws')
    if (!isTaken) {
      await inner.register(websocket, {
        options: { ...LIMITS, server: upgrades.bus as typeof scope.server },
        // The hub ends all connections.
        preClose: done => { done() },
        // 'close' follows. A tab that breaks off is not worth a log line.
        errorHandler: () => {}
      })
    }
    inner.route({
      ...OWN_ROUTE,
      method: 'GET',
      url: '/socket',
      exposeHeadRoute: false,
      onRequest: (request, reply, done) => {
        if (!request.raw.headers.upgrade) return done()
        if (hub.full) return refuseFull(reply)
        // `ws` would agree to the first subprotocol named, whatever it is.
        if (request.raw.headers['sec-websocket-protocol'] !== undefined) return refuse(reply, 400, 'live reload: this socket speaks no subprotocol (Sec-WebSocket-Protocol)')
        writeTogether(request.raw.socket)
        done()
      },
      // Two properties: `websocket: true` would be wrapped twice where two registrations are in sight.
      wsHandler: (socket, request) => attach(socket, hub, request),
      handler: ({ raw }, reply) => {
        // HTTP/2 has no such header: Node throws when it is sent.
        if (raw.httpVersionMajor === 1) reply.header('upgrade', 'websocket')
        refuse(reply, 426, 'live reload: this address speaks WebSocket only')
      }
    })
  })
  return upgrades
}

/** What is written before the current callback ends goes out in one piece: the answer to the upgrade, the greeting and the first ping. Each write of its own would cost the app as much as all the rest. */
function writeTogether (wire: unknown): void {
  // `app.inject()` has none.
  if (!(wire instanceof Socket)) return
  wire.cork()
  process.nextTick(() => wire.uncork())
}

function attach (socket: WebSocket, hub: Hub, request: FastifyRequest): void {
  const subscription = hub.join(connect(socket, request.raw.socket), paramOf(request.url, 'at'), readTab(request))
  if (subscription === undefined) return socket.close(1013)
  socket.on('message', (data: Buffer) => {
    // The limit of the app's own @fastify/websocket may be higher.
    if (data.length > MAX_PAYLOAD_BYTES) socket.close(1009)
    else subscription.receive(String(data))
  })
  socket.on('close', subscription.leave)
}

function connect (socket: WebSocket, wire: Socket): Connection {
  let isAlive = true
  let latency: number | undefined
  let askedAt: number | undefined
  const ask = (): void => {
    askedAt ??= performance.now()
    socket.ping(() => {})
  }
  socket.on('pong', () => {
    isAlive = true
    if (askedAt !== undefined) latency = performance.now() - askedAt
    askedAt = undefined
  })
  // Whether it answers these is no question of life.
  socket.on('close', askTwice(ask))
  return {
    transport: 'ws',
    get buffered () { return socket.bufferedAmount },
    get latency () { return latency },
    // `ws` would frame the text for each tab anew, and write its head and its text apart.
    send: frames => { if (socket.readyState === socket.OPEN) wire.write(toBytes(frames)) },
    ping: () => {
      if (!isAlive) return socket.terminate()
      isAlive = false
      ask()
    },
    end: () => socket.close(1001),
    destroy: () => socket.terminate()
  }
}
