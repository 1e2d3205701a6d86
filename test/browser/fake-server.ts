// The server's half of the wire, small enough to lie on purpose: pages with the tag, a socket, a health route.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { type WebSocket, WebSocketServer } from 'ws'
import type { AppliedMessage, ServerMessage } from '../../types/message.js'

const ENTRY = fileURLToPath(new URL('../../lib/browser/client.ts', import.meta.url))

/** The client as it ships but for its size: readable, with its source map, for the coverage. */
export const CLIENT = buildSync({
  entryPoints: [ENTRY],
  bundle: true,
  format: 'iife',
  target: 'chrome100',
  sourcemap: 'inline',
  write: false,
  outdir: fileURLToPath(new URL('.', import.meta.url))
}).outputFiles[0]!.text

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** Parts are written one after the other, some milliseconds apart. */
  body?: string | readonly string[]
}

export interface FakeServer {
  readonly url: string
  epoch: string
  seq: number
  hello: { debounce?: number, hidden?: 'wait' | 'reload' }
  /** What a page answers; the tag is put where `TAG` stands. */
  answer: (request: IncomingMessage) => Reply
  /** The stamp tags carry; usually the truth. */
  stamp: () => string
  /** Sockets are answered 403. */
  refuse: boolean
  /** Sockets are taken, and nobody speaks. */
  mute: boolean
  readonly loads: string[]
  readonly probes: string[]
  readonly connects: URLSearchParams[]
  readonly sockets: Set<WebSocket>
  readonly heard: AppliedMessage[]
  send (message: ServerMessage | string): void
  /** A change: counted and told. */
  change (): void
  /** Like `kill -9`. */
  kill (): Promise<void>
  start (): Promise<void>
}

const HTML = '<!doctype html><html><head><meta charset="utf-8">TAG<title>page</title></head><body><p>text</p></body></html>'

export async function fakeServer (t: { teardown (fn: () => Promise<void>): void }): Promise<FakeServer> {
  let port = 0
  let http = createServer()
  const ws = new WebSocketServer({ noServer: true })
  const encode = (message: ServerMessage | string) => typeof message === 'string' ? message : JSON.stringify(message)

  const server: FakeServer = {
    get url () { return `http://127.0.0.1:${port}` },
    epoch: 'e1',
    seq: 1,
    hello: {},
    answer: () => ({}),
    stamp: () => `${server.epoch}:${server.seq}`,
    refuse: false,
    mute: false,
    loads: [],
    probes: [],
    connects: [],
    sockets: new Set(),
    heard: [],
    send (message) {
      for (const socket of server.sockets) socket.send(encode(message))
    },
    change () {
      server.seq++
      server.send({ type: 'reload', seq: server.seq })
    },
    async kill () {
      for (const socket of server.sockets) socket.terminate()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
    async start () {
      http = createServer(serve).on('upgrade', upgrade)
      await new Promise<void>(resolve => { http.listen(port, resolve) })
      port = (http.address() as AddressInfo).port
    }
  }

  const serve: Parameters<typeof createServer>[1] = async (request, response) => {
    const path = request.url ?? ''
    if (path.startsWith('/__live/client.js')) return response.setHeader('content-type', 'text/javascript').end(CLIENT)
    if (path === '/__live/health') return response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, epoch: server.epoch }))
    if (path.startsWith('/favicon')) return response.writeHead(204).end()

    const navigation = request.headers['sec-fetch-mode'] === 'navigate'
    ;(navigation ? server.loads : server.probes).push(`${request.method} ${path}`)
    const tag = `<script async src="/__live/client.js?v=1" data-live-reload="${server.stamp()}" data-token="secret"${request.method === 'GET' ? '' : ` data-method="${request.method}"`}></script>`
    const { status = 200, headers, body = HTML } = server.answer(request)
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', ...headers })
    for (const part of typeof body === 'string' ? [body] : body) {
      response.write(part.replaceAll('TAG', tag))
      await new Promise(resolve => setTimeout(resolve, typeof body === 'string' ? 0 : 60))
    }
    response.end()
  }

  function upgrade (request: IncomingMessage, duplex: Duplex, head: Buffer) {
    if (server.refuse) return duplex.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
    ws.handleUpgrade(request, duplex, head, socket => {
      const { searchParams } = new URL(request.url ?? '', server.url)
      server.connects.push(searchParams)
      server.sockets.add(socket)
      socket.on('close', () => server.sockets.delete(socket))
      socket.on('message', data => server.heard.push(JSON.parse(String(data)) as AppliedMessage))
      if (server.mute) return
      socket.send(encode({ type: 'hello', epoch: server.epoch, seq: server.seq, build: { state: 'idle' }, client: { debounce: 20, hidden: 'wait', ...server.hello } }))
      const [epoch, seq] = (searchParams.get('at') ?? '').split(':')
      if (epoch !== server.epoch || Number(seq) < server.seq) socket.send(encode({ type: 'reload', seq: server.seq }))
    })
  }

  await server.start()
  t.teardown(() => server.kill())
  return server
}
