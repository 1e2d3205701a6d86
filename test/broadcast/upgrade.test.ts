// Beside other listeners for upgrades: ours are ours alone, theirs are theirs.
import { connect } from 'node:net'
import { connect as connectSafely } from 'node:tls'
import Fastify, { type FastifyInstance } from 'fastify'
import httpProxy from '@fastify/http-proxy'
import { test, type Test } from 'tap'
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws'
import { certificate } from '../support/certificate.js'
import { rawUpgrade } from '../support/raw.js'
import { until } from '../support/wait.js'
import { setUp } from './support.js'

function open (t: Test, port: number, path: string) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  const got: string[] = []
  socket.on('message', data => got.push(String(data)))
  socket.on('error', error => got.push(error.message))
  socket.on('open', () => socket.send('hi'))
  t.teardown(() => socket.terminate())
  return got
}

const chat = (options: ServerOptions) => (app: FastifyInstance) => {
  new WebSocketServer({ server: app.server, ...options }).on('connection', socket => socket.on('message', data => socket.send(`own ${String(data)}`)))
}
const slow = (app: FastifyInstance) => app.addHook('onRequest', async () => { await new Promise(resolve => setImmediate(resolve)) })

const cases: [string, (app: FastifyInstance) => void][] = [
  ['a WebSocketServer of ws', chat({})],
  ['... of one path', chat({ path: '/chat' })],
  ['a listener that is named like that of @fastify/websocket', app => {
    const server = new WebSocketServer({ noServer: true }).on('connection', socket => socket.on('message', data => socket.send(`own ${String(data)}`)))
    app.server.on('upgrade', function onUpgrade (request, socket, head) { server.handleUpgrade(request, socket, head, made => server.emit('connection', made)) })
  }]
]

for (const [name, listen] of cases) {
  for (const when of ['before', 'after'] as const) {
    for (const [hooks, hook] of [['', undefined], [', an async hook', slow]] as const) {
      test(`${name}, ${when}${hooks}`, async t => {
        const { hub, port } = await setUp(t, { [when]: async (app: FastifyInstance) => { hook?.(app); listen(app) } })
        const ours = open(t, port, '/__live/socket')
        const theirs = open(t, port, '/chat')
        await until(() => ours.length > 0 && theirs.length > 0, 'both are answered')
        t.match(JSON.parse(ours[0] as string), { type: 'hello' })
        t.same(theirs, ['own hi'])
        hub.send({ type: 'reload', seq: 5 })
        await until(() => ours.length > 1, 'a message')
        t.match(JSON.parse(ours[1] as string), { type: 'reload' }, 'nobody else wrote into our socket')
      })
    }
  }
}

for (const when of ['before', 'after'] as const) {
  test(`beside @fastify/http-proxy, ${when}: who asks for what nobody has is answered`, async t => {
    const upstream = Fastify()
    t.teardown(() => upstream.close())
    const url = await upstream.listen({ port: 0, host: '127.0.0.1' })
    const { port } = await setUp(t, { [when]: (app: FastifyInstance) => app.register(httpProxy, { upstream: url, prefix: '/api', websocket: true }) })
    t.match(await rawUpgrade(port, '/nope'), { status: 404 })
    const got = open(t, port, '/__live/socket')
    await until(() => got[0], 'hello')
  })
}

const servers: [string, { http2?: boolean, https?: object }][] = [
  ['HTTP', {}],
  ['HTTPS', { https: certificate }],
  ['HTTP/2 and 1.1', { http2: true, https: { ...certificate, allowHTTP1: true } }]
]
for (const [name, options] of servers) {
  test(`${name}: a request with a body that would rather have another protocol keeps its body`, async t => {
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

test('others come and go', async t => {
  const { app, port } = await setUp(t)
  const theirs = () => {}
  t.equal(app.server.listenerCount('upgrade'), 1)
  app.server.on('upgrade', theirs).on('upgrade', theirs)
  t.same(app.server.listeners('upgrade'), [theirs, theirs])
  app.server.off('upgrade', theirs)
  t.same(app.server.listeners('upgrade'), [theirs])
  app.server.off('upgrade', theirs)
  t.equal(app.server.listenerCount('upgrade'), 1, 'Node would not emit without')
  t.match(await rawUpgrade(port, '/__live/socket'), { status: 101 })
  t.match(await rawUpgrade(port, '/plain'), { status: 200 })
})

test('undone', async t => {
  const { server, undo } = await setUp(t).then(({ app, undo }) => ({ server: app.server, undo }))
  undo()
  t.equal(server.listenerCount('upgrade') + server.listenerCount('newListener') + server.listenerCount('removeListener'), 0)
  t.equal(server.emit, Object.getPrototypeOf(server).emit)
})

test('undone when somebody put more around it', async t => {
  const { app, undo, port } = await setUp(t)
  const emit = app.server.emit
  const around = function (this: unknown, ...args: unknown[]) { return Reflect.apply(emit, this, args) } as typeof emit
  app.server.emit = around
  undo()
  t.equal(app.server.emit, around)
  const seen: unknown[] = []
  app.server.on('upgrade', (request, socket) => { seen.push(request.url); socket.destroy() })
  t.match(await rawUpgrade(port, '/__live/socket'), { status: 0 })
  t.same(seen, ['/__live/socket'], 'it is as if we were not there')
})
