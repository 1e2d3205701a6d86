// Handles upgrade requests while nothing else in the app does, and passes those for our socket to @fastify/websocket by a private emitter.
import { EventEmitter } from 'node:events'
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

export interface Upgrades {
  /** What @fastify/websocket gets as `options.server`: it listens here, and not on the app's server. */
  readonly bus: EventEmitter
  /** Whether an upgrade request for our socket reaches our route. */
  reachable (): boolean
}

/** Listens from `ready` to `close`. `path` is that of the socket, with all prefixes. */
export function routeUpgrades (scope: FastifyInstance, path: string): Upgrades {
  const { server } = scope
  const bus = new EventEmitter()
  /** Those that @fastify/websocket was given. Node's server no longer knows them. */
  const passed = new Set<Socket>()

  // Two listeners would answer on the same socket, and others count listeners to see whether they are alone (@fastify/http-proxy).
  const onUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    if (server.listenerCount('upgrade') > 1) return
    // Node took off its own listener: without this one a reset ends the process.
    socket.on('error', () => socket.destroy())
    const response = claim(request, socket)
    if (response === undefined) socket.destroy()
    else if (request.method === 'GET' && request.url?.split('?')[0] === path && bus.listenerCount('upgrade') > 0) {
      response.detachSocket(socket)
      passed.add(socket)
      socket.once('close', () => passed.delete(socket))
      bus.emit('upgrade', request, socket, head)
    } else if (request.headers['content-length'] ?? request.headers['transfer-encoding']) {
      response.detachSocket(socket)
      readAgain(scope, request, socket, head)
    } else {
      response.shouldKeepAlive = false
      response.on('finish', () => socket.end(() => socket.destroy()))
      scope.routing(request, response)
    }
  }
  scope.addHook('onReady', async () => { if (server.listenerCount('upgrade') === 0) server.on('upgrade', onUpgrade) })
  scope.addHook('preClose', async () => {
    server.off('upgrade', onUpgrade)
    // The hub has ended its connections. A tab that came back meanwhile was answered 503 by Fastify, without a hook, and nobody ends that socket.
    for (const socket of passed) socket.destroy()
  })

  return {
    bus,
    reachable () {
      const others = server.listeners('upgrade').filter(listener => listener !== onUpgrade)
      const [ours] = bus.listeners('upgrade')
      // The app's own @fastify/websocket dispatches to every route, ours too. Its listener has the code of the one on our bus.
      if (ours !== undefined) return others.every(listener => String(listener) === String(ours))
      // We could not register a second one in its scope: then its listener has to be the only one.
      return scope.hasPlugin('@fastify/websocket') && others.length === 1
    }
  }
}

/** `undefined` while a reply to an earlier request on this connection is outstanding (pipelining): only one can hold the socket. */
function claim (request: IncomingMessage, socket: Socket): ServerResponse | undefined {
  const response = new ServerResponse(request)
  try {
    response.assignSocket(socket)
    return response
  } catch {
    return undefined
  }
}

/**
 * Node reads no body of an upgrade request while there is a listener. So a request with one that merely offers
 * an upgrade (`curl --http2 -d`) is put back on its connection without the offer, as if there was no listener.
 */
function readAgain ({ server }: FastifyInstance, { method, url, httpVersion, rawHeaders }: IncomingMessage, socket: Socket, head: Buffer): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name, value] = rawHeaders.slice(i, i + 2) as [string, string]
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
}
