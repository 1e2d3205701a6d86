// The server's half of the wire, small enough to lie on purpose: pages with the tag, a socket, a stream, a health route.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { sanitizeMessage } from '../../lib/shared/messages/sanitize.js'
import { Failures } from '../../lib/features/overlay/failures.js'
import { writeOverlay } from '../../lib/features/overlay/overlay.js'
import type { Transport } from '../../types/transport.js'
import { BUNDLES } from './bundles.js'
import type { AppliedMessage, BuildStatus, ChangeMessage, ClientSettings, FallbackMessage, LogMessage, PageMessage, ServerMessage } from '../../types/message.js'

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** Parts are written one after the other, some milliseconds apart. */
  body?: string | readonly string[]
  /** There is none. */
  never?: boolean
}

export interface Peer {
  readonly transport: Transport
  send (text: string): void
  terminate (): void
}

export interface FakeServer {
  readonly url: string
  epoch: string
  seq: number
  hello: { -readonly [K in keyof ClientSettings]?: ClientSettings[K] }
  /** What the greeting says was changed lately; then nothing more is said. */
  changes: ChangeMessage[]
  /** What the greeting says of the build. */
  build: BuildStatus
  /** Bundles asked for, with their query. */
  readonly scripts: string[]
  /** Status of answers to these modules when they are to fail. */
  broken: { more?: number, failures?: number, morph?: number, overlay?: number }
  /** How often the overlay was asked for. */
  readonly views: string[]
  /** The next views of the overlay are as of now, but answered not before this settles. */
  view: Promise<void> | undefined
  /** Bundles may be kept by the browser, as those of the real server are. */
  cached: boolean
  /** Pages of other servers may load them. */
  open: boolean
  /** What was asked to be opened, and what is answered to it. */
  readonly opened: { readonly body: unknown, readonly token: unknown, readonly query: string | null, readonly type: unknown }[]
  opening: { status: number, body: string }
  /** What a page answers; the tag is put where `TAG` stands. */
  answer: (request: IncomingMessage) => Reply
  /** The stamp tags carry; usually the truth. */
  stamp: () => string
  /** Attributes of the tag beside the usual ones. */
  attributes: string
  /** Added to the tag: ` nonce="..."`. */
  nonce: string
  /** Connections are answered 403: all, or those of one transport. */
  refuse: boolean | Transport
  /** Connections are taken, and nobody speaks. */
  mute: boolean | Transport
  /** Questions for the health are not answered. */
  silent: boolean
  /** What is in the way of the health route: a guard, a rate limit. */
  barred: { status: number, headers: Record<string, string> } | undefined
  /** How often the health was asked for. */
  asked: number
  /** Navigations, and other requests for pages. */
  readonly loads: string[]
  readonly probes: string[]
  readonly connects: URLSearchParams[]
  /** Every try to connect, by transport, those that were refused as well. */
  readonly tries: Transport[]
  readonly sockets: Set<Peer>
  readonly heard: AppliedMessage[]
  /** What the documents that post call themselves. */
  readonly posts: (string | null)[]
  /** What pages forwarded of their console. */
  readonly logged: LogMessage[]
  /** Pages that said they changed their transport. */
  readonly fell: FallbackMessage[]
  /** Tries that failed, as pages told. */
  readonly failures: number[]
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
  const swallowed = new Set<Duplex>()
  const failures = new Failures()
  const client = () => ({ debounce: 20, hidden: 'wait', overlay: false, badge: false, preserve: true, serviceWorker: 'warn', editor: false, ...server.hello }) as const
  const encode = (message: ServerMessage | string) => typeof message === 'string' ? message : JSON.stringify(sanitizeMessage(message, '/app'))

  const server: FakeServer = {
    get url () { return `http://127.0.0.1:${port}` },
    epoch: 'e1',
    seq: 1,
    hello: {},
    changes: [],
    build: { state: 'idle' },
    scripts: [],
    broken: {},
    views: [],
    view: undefined,
    cached: false,
    open: false,
    opened: [],
    opening: { status: 202, body: '{"message":"opening"}' },
    answer: () => ({}),
    stamp: () => `${server.epoch}:${server.seq}`,
    nonce: '',
    attributes: '',
    refuse: false,
    mute: false,
    silent: false,
    barred: undefined,
    asked: 0,
    loads: [],
    probes: [],
    connects: [],
    tries: [],
    sockets: new Set(),
    heard: [],
    posts: [],
    logged: [],
    fell: [],
    failures: [],
    send (message) {
      if (typeof message === 'object') tell(message)
      for (const socket of server.sockets) socket.send(encode(message))
    },
    change () {
      server.seq++
      server.send({ type: 'reload', seq: server.seq })
    },
    async kill () {
      for (const socket of server.sockets) socket.terminate()
      for (const duplex of swallowed) duplex.destroy()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
    async start () {
      http = createServer(serve).on('upgrade', upgrade)
      await new Promise<void>(resolve => { http.listen(port, resolve) })
      port = (http.address() as AddressInfo).port
    }
  }

  function tell (message: ServerMessage) {
    const out = sanitizeMessage(message, '/app')
    if (out.type === 'build') failures.add(out)
  }

  const serve: Parameters<typeof createServer>[1] = async (request, response) => {
    const path = request.url ?? ''
    if (path === '/__live/health' && server.silent) return
    const script = Object.entries(BUNDLES).find(([name]) => path.startsWith(name))
    if (script) {
      server.scripts.push(path)
      const failure = server.broken[/(\w+)\.js/.exec(path)?.[1] as 'more']
      if (failure) return response.writeHead(failure).end()
      if (server.open) response.setHeader('access-control-allow-origin', '*')
      if (server.cached) response.setHeader('cache-control', 'max-age=3600, immutable')
      return response.setHeader('content-type', 'text/javascript').end(script[1].code)
    }
    if (path.startsWith('/__live/open')) {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      server.opened.push({ body: JSON.parse(text), token: request.headers['x-live-reload-token'], query: new URL(path, server.url).searchParams.get('token'), type: request.headers['content-type'] })
      return response.writeHead(server.opening.status, { 'content-type': 'application/json' }).end(server.opening.body)
    }
    if (path.startsWith('/__live/overlay?token=secret&')) {
      server.views.push(path)
      const text = JSON.stringify(writeOverlay(failures, server.epoch, client()))
      await server.view
      return response.writeHead(server.broken.overlay ?? 200, { 'content-type': 'application/json' }).end(server.broken.overlay ? '{"message":"slow down"}' : text)
    }
    if (path === '/__live/health') server.asked++
    if (path === '/__live/health' && server.barred) return response.writeHead(server.barred.status, server.barred.headers).end('no')
    if (path === '/__live/health') return response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, epoch: server.epoch }))
    if (path.startsWith('/favicon')) return response.writeHead(204).end()
    if (path.startsWith('/__live/events')) return stream(request, response)
    if (/^\/__live\/(applied|fallback|log)/.test(path)) return note(request, response)

    const navigation = request.headers['sec-fetch-mode'] === 'navigate'
    ;(navigation ? server.loads : server.probes).push(`${request.method} ${path}`)
    const forwards = server.attributes.includes('data-console')
    const { status = 200, headers, body = HTML, never = false } = server.answer(request)
    const described = request.method === 'GET' ? status >= 400 ? ` data-status="${status}"` : '' : ` data-method="${request.method}"`
    const tag = `<script${forwards ? '' : ' async'}${server.nonce} src="/__live/${forwards ? 'console' : 'client'}.js?v=1" data-live-reload="${server.stamp()}" data-token="secret"${server.attributes}${described}></script>`
    if (never) return
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', ...headers })
    for (const part of typeof body === 'string' ? [body] : body) {
      response.write(part.replaceAll('TAG', tag))
      await new Promise(resolve => setTimeout(resolve, typeof body === 'string' ? 0 : 60))
    }
    response.end()
  }

  function upgrade (request: IncomingMessage, duplex: Duplex, head: Buffer) {
    server.tries.push('ws')
    if (server.refuse === true || server.refuse === 'ws') return duplex.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
    if (server.mute === 'ws') return swallowed.add(duplex)
    ws.handleUpgrade(request, duplex, head, socket => {
      const peer: Peer = { transport: 'ws', send: text => socket.send(text), terminate: () => socket.terminate() }
      socket.on('close', () => server.sockets.delete(peer))
      socket.on('message', data => keep(String(data)))
      greet(peer, request)
    })
  }

  function stream (request: IncomingMessage, response: ServerResponse) {
    server.tries.push('sse')
    if (server.refuse === true || server.refuse === 'sse') return response.writeHead(403).end()
    if (server.mute === 'sse') return
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    const peer: Peer = {
      transport: 'sse',
      send: text => { response.write(`data: ${text}\n\n`) },
      terminate: () => response.destroy()
    }
    response.on('close', () => server.sockets.delete(peer))
    greet(peer, request)
  }

  function greet (peer: Peer, request: IncomingMessage) {
    const { searchParams } = new URL(request.url ?? '', server.url)
    server.connects.push(searchParams)
    server.sockets.add(peer)
    if (server.mute === true) return
    peer.send(encode({ type: 'hello', epoch: server.epoch, seq: server.seq, build: server.build, changes: server.changes, client: client() }))
    const { state, name = 'build', diagnostics } = server.build
    tell({ type: 'build', state: state === 'failed' ? state : 'ok', name, ...diagnostics && { diagnostics } })
    const [epoch, seq] = (searchParams.get('at') ?? '').split(':')
    if (epoch !== server.epoch || (Number(seq) < server.seq && server.changes.length === 0)) peer.send(encode({ type: 'reload', seq: server.seq }))
  }

  function keep (text: string) {
    const message = JSON.parse(text) as PageMessage
    if (message.type === 'log') server.logged.push(message)
    else if (message.type === 'fallback') server.fell.push(message)
    else if (message.type === 'failed') server.failures.push(message.attempts)
    else server.heard.push(message)
  }

  async function note (request: IncomingMessage, response: ServerResponse) {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const { searchParams } = new URL(request.url ?? '', server.url)
    if (request.method === 'POST' && request.headers['content-type'] === 'application/json' && searchParams.get('token') === 'secret' && searchParams.has('by')) {
      keep(text)
      server.posts.push(searchParams.get('tab'))
    }
    response.writeHead(204).end()
  }

  await server.start()
  t.teardown(() => server.kill())
  return server
}
