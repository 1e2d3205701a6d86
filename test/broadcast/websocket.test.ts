import { test, type Test } from 'tap'
import { connect as connectTwo } from 'node:http2'
import { connect } from 'node:net'
import websocket from '@fastify/websocket'
import { WebSocket } from 'ws'
import { raw, rawGet, rawUpgrade } from '../support/raw.js'
import { until } from '../support/wait.js'
import { encode } from '../../lib/broadcast/frame.js'
import { setUp, type Part } from './support.js'

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
    const { socket, got } = open(t, `ws://127.0.0.1:${port}/__live/socket?at=e:3`)
    await until(() => got.length === 2, 'hello and the missed reload')
    t.match(JSON.parse(got[0] as string), { type: 'hello', epoch: 'e', seq: 4 })
    t.match(JSON.parse(got[1] as string), { type: 'reload', seq: 4 })
    hub.send({ type: 'reload', seq: 5 })
    await until(() => got[2], 'a message')
    socket.send('{"type":"applied","seq":5,"kind":"reload","ms":5}')
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

  test(`refused handshakes are answered and ended: ${name}`, async t => {
    const { hub, port, connections } = await setUp(t, parts)
    const offers = ['a', 'a, b', 'b,a', 'a,,b', 'a,', ',', 'a b', 'a, a', '"a"', ''].map(offer => [`Sec-WebSocket-Protocol: ${offer}`])
    for (const lines of [...offers, ['Sec-WebSocket-Protocol: a', 'Sec-WebSocket-Protocol: b']]) {
      const { status, head, body } = await rawUpgrade(port, '/__live/socket', ['Host: localhost', ...lines], { untilEnd: true })
      t.match([status, body], [400, /no subprotocol/], lines.join(', '))
      t.notMatch(head, /sec-websocket-protocol/i)
    }
    t.equal((await rawUpgrade(port, '/__live/socket', ['Host: evil.test'], { untilEnd: true })).status, 403)
    t.equal((await rawUpgrade(port, '/__live/events', ['Host: evil.test'], { untilEnd: true })).status, 403)
    t.match([hub.size, connections], [0, []], 'nobody is counted')
    t.equal((await rawUpgrade(port, '/__live/socket')).status, 101, 'and who asks for none is welcome')
  })
}

test('bad handshakes are answered and ended', async t => {
  const { hub, port } = await setUp(t)
  const head = ['GET /__live/socket HTTP/1.1', 'Host: localhost', 'Connection: Upgrade']
  for (const lines of [['Upgrade: h2c'], ['Upgrade: websocket', 'Sec-WebSocket-Version: 5', 'Sec-WebSocket-Key: x'], ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x']]) {
    const reply = await raw(port, `${[...head, ...lines].join('\r\n')}\r\n\r\n`, { untilEnd: true })
    t.ok([400, 426].includes(reply.status), `${lines.join(', ')}: ${reply.status}`)
  }
  t.equal(hub.size, 0)
})

test('a place that is taken while the handshake ends', async t => {
  const { hub, port } = await setUp(t)
  t.intercept(hub, 'full', { value: false })
  hub.join = () => undefined
  const { socket } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  const [code] = await new Promise<[number]>(resolve => socket.on('close', (...all) => resolve(all as never)))
  t.equal(code, 1013)
})

test('more than the largest message ends the connection', async t => {
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

test('a page is pinged at once, and again when it has loaded', async t => {
  const { hub, port } = await setUp(t)
  const { socket } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  let pings = 0
  socket.on('ping', () => { pings++ })
  await until(() => pings === 2, 'the second ping')
  t.ok((hub.clients()[0]?.age as number) >= 990)
})

test('a message larger than ours may be ends the connection, whatever the @fastify/websocket of the app allows', async t => {
  const { hub, port, said } = await setUp(t, { before: async app => { await app.register(websocket, { options: { maxPayload: 1024 * 1024 } }) } })
  const { socket } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  socket.on('open', () => socket.send(JSON.stringify({ type: 'log', level: 'warn', text: 'x'.repeat(20_000) })))
  t.equal(await new Promise(resolve => socket.on('close', resolve)), 1009)
  await until(() => hub.size === 0, 'it left')
  t.same(said, [])
})

test('a message of any length is one frame', async t => {
  const { hub, port } = await setUp(t)
  const { got } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  await until(() => got[0], 'there')
  const around = JSON.stringify({ type: 'custom', event: 'x', data: '' }).length
  for (const length of [125, 126, 65_535, 65_536, 200_000]) {
    got.length = 0
    hub.send({ type: 'custom', event: 'x', data: 'x'.repeat(length - around) })
    hub.send({ type: 'reload', seq: 5 })
    await until(() => got.length === 2, `${length} bytes, and what follows`)
    t.equal(got[0]?.length, length)
  }
})

test('after it has said that it ends, a connection sends no more', async t => {
  const { port, connections } = await setUp(t)
  const { peer, bytes, ended } = await handshake(t, port)
  const before = bytes().length
  connections[0]?.end()
  connections[0]?.send([encode({ type: 'closing' })])
  await until(() => bytes().length > before, 'it says so')
  peer.end()
  await until(ended, 'it ends')
  const after = bytes().subarray(before)
  t.equal(after.includes('closing'), false)
})

for (const name of ['websocketServer', 'injectWS'] as const) {
  test(`an app that has decorated ${name} itself starts, and its pages use SSE`, async t => {
    const { port, reachable } = await setUp(t, { before: app => { app.decorate(name, {} as never) } })
    t.equal(reachable(), false)
    t.match(await rawUpgrade(port, '/__live/socket'), { status: 426 })
  })
}

// Frames as no client library makes them: the first byte, the second, the rest.
const MASK = [1, 2, 3, 4]
const masked = (first: number, payload: number[] | Buffer): Buffer => {
  const bytes = Buffer.from(payload).map((byte, i) => byte ^ (MASK[i % 4] as number))
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from([first, ...length, ...MASK]), bytes])
}

const PING = Buffer.from([0x89, 0])

/** A socket after the handshake, as bytes. */
async function handshake (t: Test, port: number, headers: string[] = []) {
  const peer = connect(port, '127.0.0.1')
  t.teardown(() => peer.destroy())
  const chunks: Buffer[] = []
  let ended = false
  peer.on('data', chunk => chunks.push(chunk)).on('error', () => {}).on('close', () => { ended = true })
  peer.write(['GET /__live/socket HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...headers, '', ''].join('\r\n'))
  await until(() => Buffer.concat(chunks).includes('hello'), 'hello')
  return { peer, bytes: () => Buffer.concat(chunks), ended: () => ended }
}

test('frames that are none end the connection, and only it', async t => {
  const { hub, port } = await setUp(t)
  const good = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  await until(() => good.got[0], 'there')
  const cases: [string, Buffer, number][] = [
    ['a reserved bit', masked(0xa2, []), 1002],
    ['a reserved bit on text: no compression was agreed on', masked(0xc1, [1, 2, 3]), 1002],
    ['not masked', Buffer.from([0x81, 1, 120]), 1002],
    ['an unknown kind', masked(0x83, [1]), 1002],
    ['a long ping', masked(0x89, Buffer.alloc(126)), 1002],
    ['half a ping', masked(0x09, []), 1002],
    ['text that is no UTF-8', masked(0x81, [0xff, 0xfe]), 1007],
    ['a close without a reason to give', masked(0x88, [3]), 1002],
    ['a close with a code that is none', masked(0x88, [3, 0xe7]), 1002],
    ['a piece of nothing', masked(0x80, [1]), 1002],
    ['a header that announces 2^40 bytes', Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, ...MASK]), 1009],
    ['a header that announces 2^63 bytes', Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, ...MASK]), 1009],
    ['pieces without end', Buffer.concat([masked(0x01, [120]), ...Array.from({ length: 200 }, () => masked(0x00, [120]))]), 1008]
  ]
  for (const [name, frame, code] of cases) {
    const { peer, bytes, ended } = await handshake(t, port)
    const before = bytes().length
    // A connection that is a second old is pinged once more.
    const answer = (from = before): Buffer => bytes().subarray(from, from + 2).equals(PING) ? answer(from + 2) : bytes().subarray(from)
    peer.write(frame)
    await until(() => answer().length >= 4, `${name}: a close frame`)
    t.same([...answer().subarray(0, 1), answer().readUInt16BE(2)], [0x88, code], name)
    peer.write(masked(0x88, [3, 0xe8]))
    await until(ended, `${name}: ended`)
  }
  t.equal(hub.size, 1)
  hub.send({ type: 'reload', seq: 5 })
  await until(() => good.got.length === 2, 'the other one hears')
})

test('a flood of pings from somebody who does not read', async t => {
  const { hub, port } = await setUp(t)
  const { peer, ended } = await handshake(t, port)
  t.equal(hub.size, 1)
  peer.pause()
  const flood = Buffer.concat(Array.from({ length: 1000 }, () => masked(0x89, Buffer.alloc(125))))
  let kept = 0
  for (let i = 0; i < 200 && !ended() && hub.size > 0; i++) {
    peer.write(flood)
    await new Promise(resolve => setImmediate(resolve))
    kept = Math.max(kept, process.memoryUsage().arrayBuffers)
  }
  t.ok(kept < 100 * 1024 * 1024, `${Math.round(kept / 1e6)} MB at most`)
  await until(() => hub.size === 0, 'it is dropped')
  const { got } = open(t, `ws://127.0.0.1:${port}/__live/socket`)
  await until(() => got[0], 'others are served')
})

test('what a handshake may ask for', async t => {
  const { port } = await setUp(t)
  const deflate = await handshake(t, port, ['Sec-WebSocket-Extensions: permessage-deflate'])
  t.notMatch(String(deflate.bytes()), /permessage-deflate/i, 'no compression')
  const many = await rawUpgrade(port, '/__live/socket', ['Host: localhost', ...Array.from({ length: 2100 }, (_, i) => `x-${i}: 1`)])
  // Node 20 keeps the first 2000: the handshake itself comes after them. Node 24 refuses the request.
  t.ok([400, 431].includes(many.status), `more headers than are read: ${many.status}`)
  t.equal((await rawUpgrade(port, '/%', ['Host: localhost'], { untilEnd: true })).status, 400, 'a path that can not be read')
  t.equal((await rawGet(port, '/__live/socket', ['Host: localhost'], 'HEAD')).status, 404)
  t.equal((await rawGet(port, '/__live/socket', ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade'], 'POST')).status, 404)
})

test('HTTP/2: a request to the address of the socket is refused, and the process lives', async t => {
  const { port } = await setUp(t, { http2: true })
  const session = connectTwo(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  const status = (path: string) => new Promise(resolve => session.request({ ':path': path }).on('error', resolve).once('response', headers => resolve(headers[':status'])).resume())
  t.equal(await status('/__live/socket'), 426)
  t.equal(await status('/plain'), 200)
})
