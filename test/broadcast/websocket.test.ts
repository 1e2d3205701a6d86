import { test, type Test } from 'tap'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import websocket from '@fastify/websocket'
import { WebSocket } from 'ws'
import { createGate } from '../../lib/broadcast/gate.js'
import { guard } from '../../lib/broadcast/guard.js'
import { createHub } from '../../lib/broadcast/hub.js'
import { headOf, routeUpgrades } from '../../lib/broadcast/upgrade.js'
import { serveSocket } from '../../lib/broadcast/websocket.js'
import { rawGet, rawUpgrade } from '../support/raw.js'
import { until } from '../support/wait.js'

type Part = (app: FastifyInstance) => unknown

async function setUp (t: Test, { before, after, maxConnections = 5 }: { before?: Part, after?: Part, maxConnections?: number } = {}) {
  const app = Fastify({ forceCloseConnections: true })
  await before?.(app)
  const said: string[] = []
  const hub = createHub({
    maxConnections,
    hello: () => ({ type: 'hello', epoch: 'e', seq: 2, build: { state: 'idle' }, client: { debounce: 20, hidden: 'wait' } }),
    heard: message => said.push(JSON.stringify(message)),
    joined () {},
    left () {},
    log: app.log
  })
  const gate = createGate({ allowedHosts: [], allowedOrigins: [], token: 'secret', listenName: () => undefined })
  app.register(async scope => {
    guard(scope, gate)
    serveSocket(scope, hub)
  }, { prefix: '/__live' })
  const undo = routeUpgrades(app, '/__live')
  app.get('/plain', async () => 'plain')
  await after?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => { undo(); await hub.close(); await app.close() })
  const { port } = app.server.address() as AddressInfo
  return { app, hub, said, port }
}

function open (t: Test, url: string, options = {}) {
  const socket = new WebSocket(url, options)
  const got: string[] = []
  socket.on('message', data => got.push(String(data)))
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  return { socket, got }
}

const ownSocket: Part = app => app.register(async scope => {
  scope.get('/own', { websocket: true }, socket => { socket.on('message', data => socket.send(`own ${String(data)}`)) })
})
const encapsulated: Part = app => app.register(async scope => {
  await scope.register(websocket)
  await ownSocket(scope)
})

const apps: [string, { before?: Part, after?: Part }][] = [
  ['alone', {}],
  ['the app has @fastify/websocket, registered before', { before: async app => { await app.register(websocket); await ownSocket(app) } }],
  ['... after', { after: async app => { await app.register(websocket); await ownSocket(app) } }],
  ['... before, in a scope of its own', { before: encapsulated }],
  ['... after, in a scope of its own', { after: encapsulated }]
]

for (const [name, parts] of apps) {
  test(`messages both ways: ${name}`, async t => {
    const { hub, said, port } = await setUp(t, parts)
    const { socket, got } = open(t, `ws://127.0.0.1:${port}/__live/socket?at=e:1`)
    await until(() => got.length === 2, 'hello and the missed reload')
    t.match(JSON.parse(got[0] as string), { type: 'hello', epoch: 'e', seq: 2 })
    t.match(JSON.parse(got[1] as string), { type: 'reload', seq: 2 })
    hub.send({ type: 'reload', seq: 3 })
    await until(() => got[2], 'a message')
    socket.send('{"type":"applied","seq":3,"kind":"reload","ms":5}')
    await until(() => said[0], 'an answer')
    t.equal(hub.size, 1)
    socket.close()
    await until(() => hub.size === 0, 'it left')

    if (parts.before ?? parts.after) {
      const own = open(t, `ws://127.0.0.1:${port}/own`)
      own.socket.on('open', () => own.socket.send('x'))
      await until(() => own.got[0] === 'own x', "the app's own socket works")
    } else {
      t.match(await rawUpgrade(port, '/plain'), { status: 200, body: 'plain' }, 'no 101 for a plain route')
      t.match(await rawUpgrade(port, '/missing'), { status: 404 })
    }
    t.match(await rawGet(port, '/__live/socket'), { status: 426, head: /upgrade: websocket/i })
  })
}

test('refused before the upgrade, and not counted', async t => {
  const { hub, port } = await setUp(t)
  const cases: [string, string[], number][] = [
    ['S-003 foreign host', ['Host: evil.test'], 403],
    ['S-006 no host', [], 400],
    ['S-006 two hosts', ['Host: localhost', 'Host: evil.test'], 400],
    ['S-020 foreign origin', ['Host: localhost', 'Origin: http://evil.test'], 403],
    ['S-028 opaque origin', ['Host: localhost', 'Origin: null'], 403]
  ]
  for (const [name, headers, status] of cases) {
    const reply = await rawUpgrade(port, '/__live/socket', headers)
    t.equal(reply.status, status, name)
    t.match(reply.head, /cross-origin-resource-policy: same-origin/i)
    t.match(reply.head, /x-content-type-options: nosniff/i)
    t.notMatch(reply.head, /access-control-allow/i)
  }
  t.equal(hub.size, 0)
  t.equal((await rawUpgrade(port, '/__live/socket?token=secret', ['Host: localhost', 'Origin: https://behind.test'])).status, 101, 'the token opens')
  await until(() => hub.size === 0, 'raw client gone')
})

test('S-126 bad handshakes are answered and ended', async t => {
  const { hub, port } = await setUp(t)
  const head = ['GET /__live/socket HTTP/1.1', 'Host: localhost', 'Connection: Upgrade']
  for (const lines of [['Upgrade: h2c'], ['Upgrade: websocket', 'Sec-WebSocket-Version: 5', 'Sec-WebSocket-Key: x'], ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x']]) {
    const { raw } = await import('../support/raw.js')
    const reply = await raw(port, `${[...head, ...lines].join('\r\n')}\r\n\r\n`)
    t.ok([400, 426].includes(reply.status), `${lines.join(', ')}: ${reply.status}`)
  }
  t.equal(hub.size, 0)
})

test('the limit of connections answers 503', async t => {
  const { port } = await setUp(t, { maxConnections: 1 })
  const { got } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  await until(() => got[0], 'hello')
  t.match(await rawUpgrade(port, '/__live/socket'), { status: 503, head: /retry-after: 5/i })
})

test('a place that is taken while the handshake ends', async t => {
  const { hub, port } = await setUp(t)
  t.intercept(hub, 'full', { value: false })
  hub.join = () => undefined
  const { socket } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  const [code] = await new Promise<[number]>(resolve => socket.on('close', (...all) => resolve(all as never)))
  t.equal(code, 1013)
})

test('S-121 more than the largest message ends the connection', async t => {
  const { hub, port } = await setUp(t)
  const { socket } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  socket.on('open', () => socket.send('x'.repeat(20_000)))
  const code = await new Promise(resolve => socket.on('close', resolve))
  t.equal(code, 1009)
  await until(() => hub.size === 0, 'it left')
})

test('a peer that does not answer a ping is dropped, one that does stays', async t => {
  const connections: { ping (): void }[] = []
  const { hub, port } = await setUp(t)
  const join = hub.join
  hub.join = function (connection, at) { connections.push(connection); return join.call(this, connection, at) }
  const live = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  await until(() => live.got[0], 'hello')
  const dead = open(t, `ws://127.0.0.1:${port}/__live/socket`, { autoPong: false })
  await until(() => dead.got[0], 'hello')
  const pinged = Promise.all([live, dead].map(({ socket }) => new Promise(resolve => socket.once('ping', resolve))))
  for (const connection of connections) connection.ping()
  await pinged
  live.socket.ping()
  await new Promise(resolve => live.socket.once('pong', resolve))
  for (const connection of connections) connection.ping()
  await until(() => hub.size === 1, 'the dead one is gone')
  t.equal(live.socket.readyState, WebSocket.OPEN)
})

test('other upgrade listeners keep their paths', async t => {
  const { port } = await setUp(t, {
    before: app => {
      app.server.on('upgrade', (request, socket) => { if (request.url === '/theirs') socket.end('HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n') })
    }
  })
  t.equal((await rawUpgrade(port, '/theirs')).status, 418)
  const { got } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  t.ok(await until(() => got[0], 'hello'))
})

test('S-127 a reset in the middle of an upgrade harms nobody', async t => {
  const { hub, port } = await setUp(t, { before: app => { app.addHook('onRequest', () => new Promise(resolve => setImmediate(resolve))) } })
  for (let i = 0; i < 50; i++) {
    await new Promise<void>(resolve => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('GET /__live/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n', () => {
          socket.resetAndDestroy()
          resolve()
        })
      })
    })
  }
  const { got } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  await until(() => got[0], 'still answers')
  t.equal(await until(() => hub.size === 1, 'and counts one'), true)
})

test('an upgrade that somebody else brought has no bytes behind it', async t => {
  t.equal(headOf({} as never).length, 0)
})
