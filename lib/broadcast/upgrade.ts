// Brings upgrade requests for our routes to Fastify's router, to nobody else, whoever listens on this server.
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

const heads = new WeakMap<IncomingMessage, Buffer>()

/** What the client sent right behind its upgrade request. */
export function headOf (request: IncomingMessage): Buffer {
  return heads.get(request) ?? Buffer.alloc(0)
}

/** Returns its own undo. `prefix` is where our routes live. */
export function routeUpgrades (app: FastifyInstance, prefix: string): () => void {
  const { server } = app
  const emit = server.emit
  let open = true

  function route (request: IncomingMessage, socket: Duplex, head: Buffer): void {
    heads.set(request, head)
    // Node takes its error listener off before 'upgrade'; a reset during an async hook must not end the process.
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as never)
    // An upgrade that is refused is answered in plain HTTP, and nobody else would end its socket.
    response.on('finish', () => socket.end(() => socket.destroy()))
    app.routing(request, response)
  }

  // Node reads no body where somebody listens for upgrades. Without the wish for one (`curl --http2 -d`) the request is any other, as before us.
  function readAnew ({ method, url, httpVersion, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void {
    const lines = [`${method} ${url} HTTP/${httpVersion}`]
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const [name, value] = rawHeaders.slice(i, i + 2) as [string, string]
      if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${value}`)
    }
    socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
    server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket)
  }

  function answerStranger (request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers
    if (length === undefined && coding === undefined) route(request, socket, head)
    else readAnew(request, socket, head)
  }

  // Other listeners (ws, socket.io, a proxy) answer whatever they are shown, some by an error on the open socket: what is ours they must not see.
  const emitOurs = function (this: typeof server, event: string, ...args: unknown[]): boolean {
    const [request, socket, head] = args as [IncomingMessage, Duplex, Buffer]
    if (!open || event !== 'upgrade' || !request.url?.startsWith(`${prefix}/`)) return Reflect.apply(emit, this, [event, ...args])
    route(request, socket, head)
    return true
  } as typeof emit

  // Node emits nothing while nobody listens. Beside others ours would be one too many: @fastify/http-proxy answers strangers only while it is alone.
  const giveWay = (event: string | symbol, listener: unknown): void => {
    if (event === 'upgrade' && listener !== answerStranger) server.removeListener('upgrade', answerStranger)
  }
  const comeBack = (event: string | symbol, listener: unknown): void => {
    if (event === 'upgrade' && listener !== answerStranger && server.listenerCount('upgrade') === 0) server.on('upgrade', answerStranger)
  }
  server.emit = emitOurs
  server.on('newListener', giveWay).on('removeListener', comeBack)
  comeBack('upgrade', undefined)

  return () => {
    open = false
    if (server.emit === emitOurs) server.emit = emit
    server.off('newListener', giveWay).off('removeListener', comeBack).off('upgrade', answerStranger)
  }
}
