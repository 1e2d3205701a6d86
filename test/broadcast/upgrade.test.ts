// Beside whatever else takes upgrade requests in an app: our pages have the socket or SSE, as docs/broadcast.md says, and the app is unharmed.
import { connect } from 'node:net'
import { connect as connectSafely } from 'node:tls'
import httpProxy from '@fastify/http-proxy'
import websocket from '@fastify/websocket'
import Fastify, { type FastifyInstance } from 'fastify'
import mercurius from 'mercurius'
import { Server } from 'socket.io'
import { test, type Test } from 'tap'
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws'
import { liveApp } from '../support/app.js'
import { certificate } from '../support/certificate.js'
import { createEventReader } from '../support/event-reader.js'
import { raw, rawGet, rawUpgrade } from '../support/raw.js'
import { until } from '../support/wait.js'
import { setUp } from './support.js'

/** Opens a socket, says one thing, collects the answers. */
function open (t: Test, port: number, path: string, word = 'hi', protocols: string[] = []) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols)
  const got: string[] = []
  socket.on('message', data => got.push(String(data)))
  socket.on('error', error => got.push(error.message))
  socket.on('open', () => socket.send(word))
  t.teardown(() => socket.terminate())
  return got
}

async function readStream (t: Test, port: number) {
  const reader = createEventReader()
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let head = ''
  socket.on('data', chunk => {
    if (head !== '') return reader.read(chunk)
    const [first = '', ...rest] = String(chunk).split('\r\n\r\n')
    head = first
    reader.read(rest.join('\r\n\r\n').replace(/^[\da-f]+\r\n/, ''))
  })
  socket.write('GET /__live/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until(() => head, 'an answer')
  return head
}

const echo = (options: ServerOptions) => {
  const server = new WebSocketServer(options)
  return server.on('connection', socket => { socket.on('message', data => socket.send(`own ${String(data)}`)) })
}
const addServer = (options: ServerOptions) => async (app: FastifyInstance) => { echo({ server: app.server, ...options }) }

interface Neighbour {
  readonly name: string
  readonly transport: 'ws' | 'sse'
  readonly add: (app: FastifyInstance, t: Test) => Promise<unknown>
  /** The neighbour's own socket: where, what is said, what comes back first. */
  readonly own: readonly [path: string, word: string, reply: RegExp, protocols?: string[]]
}

const neighbours: readonly Neighbour[] = [
  {
    name: '@fastify/websocket',
    transport: 'ws',
    add: async app => {
      await app.register(websocket)
      app.register(async scope => { scope.get('/own', { websocket: true }, socket => { socket.on('message', (data: Buffer) => socket.send(`own ${String(data)}`)) }) })
    },
    own: ['/own', 'hi', /^own hi$/]
  },
  {
    name: 'mercurius with subscriptions',
    transport: 'ws',
    add: async app => app.register(mercurius as never, { schema: 'type Query { x: Int }', resolvers: { Query: { x: () => 1 } }, subscription: true } as never),
    own: ['/graphql', '{"type":"connection_init"}', /connection_ack/, ['graphql-transport-ws']]
  },
  {
    name: '@fastify/http-proxy with websocket: true',
    transport: 'sse',
    add: async (app, t) => {
      const upstream = Fastify()
      echo({ server: upstream.server })
      t.teardown(() => upstream.close())
      const url = await upstream.listen({ port: 0, host: '127.0.0.1' })
      await app.register(httpProxy, { upstream: url, prefix: '/api', websocket: true })
    },
    own: ['/api', 'hi', /^own hi$/]
  },
  { name: 'socket.io', transport: 'sse', add: async app => { new Server(app.server) }, own: ['/socket.io/?EIO=4&transport=websocket', '40', /^0\{"sid"/] }, // eslint-disable-line no-new
  { name: 'a WebSocketServer of ws', transport: 'sse', add: addServer({}), own: ['/any', 'hi', /^own hi$/] },
  { name: 'a WebSocketServer of ws with a path', transport: 'sse', add: addServer({ path: '/chat' }), own: ['/chat', 'hi', /^own hi$/] },
  {
    name: 'a listener named like that of @fastify/websocket',
    transport: 'sse',
    add: async app => {
      const server = echo({ noServer: true })
      app.server.on('upgrade', function onUpgrade (request, socket, head) { server.handleUpgrade(request, socket, head, made => server.emit('connection', made)) })
    },
    own: ['/chat', 'hi', /^own hi$/]
  }
]

for (const { name, transport, add, own } of neighbours) {
  for (const order of ['before', 'after'] as const) {
    for (const place of ['at the root', 'in a scope of its own']) {
      test(`${name}, registered ${order} us, ${place}: ${transport}, the app is unharmed`, async t => {
        const { app, port } = await liveApp(t, {}, { [order]: async (app: FastifyInstance) => place === 'at the root' ? add(app, t) : app.register(async scope => { await add(scope, t) }) })
        t.equal(/ data-transport="sse"/.test(app.liveReload.tag()), transport === 'sse', 'the tag tells the page')
        const [path, word, reply, protocols] = own
        const theirs = open(t, port, path, word, protocols)
        t.match(await until(() => theirs[0], 'the app\'s own socket answers'), reply)
        t.match(await readStream(t, port), /^HTTP\/1\.1 200 /, 'SSE is always there')
        if (transport === 'sse') return t.equal((await rawGet(port, '/__live/socket')).status, 426)
        const ours = open(t, port, '/__live/socket')
        t.match(JSON.parse(await until(() => ours[0], 'hello')), { type: 'hello' })
        app.liveReload.reload()
        t.match(JSON.parse(await until(() => ours[1], 'a message')), { type: 'reload' })
      })
    }
  }
}

test('beside @fastify/http-proxy an upgrade request for an unknown path is answered', async t => {
  const proxy = neighbours.find(({ name }) => name.includes('http-proxy')) as Neighbour
  for (const order of ['before', 'after']) {
    const { port } = await liveApp(t, {}, { [order]: (app: FastifyInstance) => proxy.add(app, t) })
    t.match(await rawUpgrade(port, '/nope'), { status: 404 }, order)
    t.match(await rawUpgrade(port, '/__live/socket', ['Host: localhost'], { untilEnd: true }), { status: 426 }, order)
  }
})

test('a listener that comes after the app listens has all upgrade requests, and pages use SSE from then on', async t => {
  const { app, port } = await liveApp(t, {})
  t.match(await rawUpgrade(port, '/__live/socket'), { status: 101 })
  t.notMatch(app.liveReload.tag(), /data-transport/)
  echo({ server: app.server })
  t.match(app.liveReload.tag(), / data-transport="sse"/)
  const theirs = open(t, port, '/__live/socket')
  t.same([await until(() => theirs[0], 'an answer'), theirs.length], ['own hi', 1], 'nobody else writes on that socket')
})

test('nothing of the server is replaced, and nothing is left after close', async t => {
  const plain = Fastify()
  t.teardown(() => plain.close())
  await plain.listen({ port: 0, host: '127.0.0.1' })
  const { app } = await liveApp(t, {})
  t.same(Object.keys(app.server), Object.keys(plain.server))
  t.equal(app.server.listenerCount('upgrade'), 1)
  await app.close()
  t.equal(app.server.listenerCount('upgrade'), 0)
})

for (const [name, before] of [['alone', () => {}], ['beside the @fastify/websocket of the app', (app: FastifyInstance) => app.register(websocket)]] as const) {
  test(`${name}: a tab that comes back while the app closes does not hold it`, async t => {
    const { app, port, tab } = await liveApp(t, {}, { before })
    // It never answers the close frame, so the app is closing for a while.
    const frozen = await tab()
    frozen.socket.pause()
    const closed = app.close()
    const answers: string[] = []
    const late = new WebSocket(`ws://127.0.0.1:${port}/__live/socket`)
    late.on('error', error => answers.push(error.message))
    t.teardown(() => late.terminate())
    t.match(await until(() => answers[0], 'an answer'), /Unexpected server response: 503/)
    await Promise.race([closed, until(() => false, 'the app is closed', 5000)])
    t.equal(app.server.listenerCount('upgrade'), 0)
  })
}

test('the transport that the options name wins over what the server knows', async t => {
  const { app } = await liveApp(t, { client: { transport: 'ws' } }, { before: addServer({}) })
  t.match(app.liveReload.tag(), / data-transport="ws"/)
})

const pipelined = (path: string, more: string[] = []) => [
  'GET /first HTTP/1.1', 'Host: localhost', '',
  `GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...more, '', ''
].join('\r\n')

for (const [name, text] of [['for our socket', pipelined('/__live/socket')], ['for another path', pipelined('/own')], ['with a body', pipelined('/own', ['Content-Length: 1'])]] as const) {
  for (const isSlow of [false, true]) {
    test(`an upgrade request ${name}, pipelined behind ${isSlow ? 'a slow' : 'another'} request, ends the connection, and nothing else`, async t => {
      const app = Fastify()
      const { port } = await setUp(t, {
        app,
        after: app => app.get('/first', async () => {
          if (isSlow) await new Promise(() => {})
          return 'first'
        })
      })
      t.match(await raw(port, text, { untilEnd: true }), { status: 0 })
      t.match(await rawGet(port, '/plain'), { body: 'plain' }, 'the process lives')
      await app.close()
      t.pass('close() returns')
    })
  }
}

const servers: [string, { http2?: boolean, https?: object }][] = [
  ['HTTP', {}],
  ['HTTPS', { https: certificate }],
  ['HTTP/2 and 1.1', { http2: true, https: { ...certificate, allowHTTP1: true } }]
]
for (const [name, options] of servers) {
  test(`${name}: a request with a body that offers an upgrade to another protocol keeps its body`, async t => {
    const { port } = await setUp(t, { ...options, after: app => app.post('/echo', async ({ headers, body }) => ({ body, own: headers['x-own'] })) })
    const head = ['POST /echo HTTP/1.1', 'Host: localhost', 'Connection: Upgrade, HTTP2-Settings', 'UPGRADE: h2c', 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA', 'Content-Type: application/json', 'X-Own: \xfc']
    const big = JSON.stringify('x'.repeat(200_000))
    const bodies: [string, string[]][] = [
      ['Content-Length: 7', ['{"a":1}']],
      ['Content-Length: 7', ['', '{"a"', ':1}']],
      ['Transfer-Encoding: chunked', ['4\r\n{"a"\r\n', '3\r\n:1}\r\n0\r\n\r\n']],
      [`Content-Length: ${big.length}`, [big.slice(0, 70_000), big.slice(70_000)]]
    ]
    for (const [line, parts] of bodies) {
      const socket = options.https === undefined ? connect(port, '127.0.0.1') : connectSafely({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      t.teardown(() => socket.destroy())
      let got = ''
      socket.on('data', chunk => { got += String(chunk) }).on('error', () => {})
      const [first = '', ...rest] = parts
      socket.write(Buffer.from(`${[...head, line].join('\r\n')}\r\n\r\n${first}`, 'latin1'))
      for (const part of rest) {
        await new Promise(resolve => setImmediate(resolve))
        socket.write(part)
      }
      const body = line.endsWith(` ${big.length}`) ? big : '{"a":1}'
      await until(() => got.endsWith(`{"body":${body},"own":"ü"}`), `${line}, ${parts.length} parts`)
      t.ok(got.startsWith('HTTP/1.1 200 '), got.slice(0, 100))
      t.match(got, /^connection: keep-alive/im)
      got = ''
      socket.write('GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await until(() => got.endsWith('plain'), 'the connection goes on')
    }
  })
}
