import { test } from 'tap'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import { EventSource } from 'eventsource'
import { type ClientHttp2Session, connect as connectTwo, type ServerHttp2Session } from 'node:http2'
import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import Fastify from 'fastify'
import { raw, rawGet } from '../support/raw.js'
import { relay } from '../support/relay.js'
import { until } from '../support/wait.js'
import { setUp, type Part } from './support.js'

test('the head of a stream: nothing on the way keeps it, compresses it or opens it to others', async t => {
  const before: Part = async app => {
    await app.register(compress, { global: true, threshold: 0 })
    await app.register(cors, { origin: true })
  }
  const { hub, port } = await setUp(t, { before })
  const { head, body, status } = await raw(port, 'GET /__live/events HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, br\r\n\r\n', { untilHead: true })
  t.equal(status, 200)
  t.match(head, /^content-type: text\/event-stream; charset=utf-8\r$/im)
  t.match(head, /^cache-control: no-cache, no-transform\r$/im)
  t.match(head, /^x-accel-buffering: no\r$/im)
  t.match(head, /^connection: close\r?$/im)
  t.notMatch(head, /access-control|content-encoding|content-length|transfer-encoding|vary/i)
  t.match(body, /retry: 1000/)
  await until(() => hub.size === 0, 'gone')
})

test('a message is on its way when it was sent: with many streams, requests of the app have their turn in between', async t => {
  const sockets: Socket[] = []
  const { hub, port, connections } = await setUp(t, { before: app => app.addHook('onRequest', async ({ raw }) => { sockets.push(raw.socket) }) })
  const source = new EventSource(`http://localhost:${port}/__live/events`)
  t.teardown(() => source.close())
  const [socket] = await until(() => connections.length === 1 && sockets, 'greeted') as [Socket]
  await until(() => socket.writableLength === 0, 'the greeting is on its way')
  const heard = once(source, 'reload')
  hub.send({ type: 'reload', seq: 5, paths: ['a.html'] })
  t.equal(socket.writableLength, 0, 'nothing waits for the end of the turn')
  await heard
})

test('requests of the app do not wait for tabs that connect at the same moment', async t => {
  const { app } = await setUp(t)
  const done: string[] = []
  const ask = (method: 'GET' | 'HEAD', url: string) => app.inject({ method, url, headers: { host: 'localhost' } }).then(({ statusCode }) => { done.push(`${statusCode} ${url}`) })
  const tabs = Array.from({ length: 20 }, () => ask('HEAD', '/__live/events'))
  await Promise.all([...tabs, ask('GET', '/plain')])
  t.strictSame(done.slice(0, 2), ['200 /__live/events', '200 /plain'], 'a tab alone does not wait either')
  t.equal(done.length, 21)
  await ask('HEAD', '/__live/events')
  t.equal(done.length, 22, 'and later ones come through')
})

test('a tab that waits keeps the context that a hook of the app has given it', async t => {
  const who = new AsyncLocalStorage<string>()
  const seen: string[] = []
  const { app } = await setUp(t, {
    before: app => app
      .addHook('onRequest', ({ headers }, _reply, done) => who.run(String(headers['x-user']), done))
      .addHook('preHandler', async ({ headers }) => { seen.push(`${String(headers['x-user'])} is ${String(who.getStore())}`) })
  })
  const users = ['a', 'b', 'c', 'd']
  await Promise.all(users.map(user => app.inject({ method: 'HEAD', url: '/__live/events', headers: { host: 'localhost', 'x-user': user } })))
  t.strictSame(seen, users.map(user => `${user} is ${user}`))
})

test('HEAD is answered, and does not count as a client', async t => {
  const { hub, port } = await setUp(t)
  const { head, status } = await rawGet(port, '/__live/events', ['Host: localhost'], 'HEAD')
  t.equal(status, 200)
  t.match(head, /text\/event-stream/)
  t.match(head, /cross-origin-resource-policy: same-origin/i)
  t.equal(hub.size, 0)
  t.equal((await rawGet(port, '/__live/events', ['Host: evil.test'], 'HEAD')).status, 403)
  t.equal((await rawGet(port, '/__live/events', ['Host: localhost'], 'POST')).status, 404)
})

test('what comes as Last-Event-ID never comes back', async t => {
  const { port } = await setUp(t)
  for (const id of ['junk-id-4711', 'junk-id-4711\x01', 'junk-id-4711\xff', `junk-id-4711${'x'.repeat(5000)}`]) {
    const { head, body, status } = await raw(port, Buffer.from(`GET /__live/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${id}\r\n\r\n`, 'latin1'), { untilHead: true })
    t.ok(status === 200 || status === 400, `${id.slice(0, 14)}: ${status}`)
    t.notMatch(head + body, /4711/)
  }
  t.equal((await raw(port, `GET /__live/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${'x'.repeat(1_000_000)}\r\n\r\n`)).status, 431, 'a megabyte of it')
})

test('a bare EventSource: reload, and what it missed, by itself', async t => {
  const { hub, port, connections } = await setUp(t)
  const source = new EventSource(`http://localhost:${port}/__live/events`)
  t.teardown(() => source.close())
  let reloads = 0
  source.addEventListener('reload', () => { reloads++ })
  await until(() => hub.size === 1, 'there')
  hub.send({ type: 'reload', seq: 4 })
  await until(() => reloads === 1, 'told')
  connections[0]?.destroy()
  await until(() => connections.length === 2, 'it comes back')
  hub.send({ type: 'reload', seq: 3 })
  await until(() => reloads === 2, 'the id it has is the newest: nothing was missed')
  connections[1]?.destroy()
  await until(() => reloads === 3, 'an older id: told at once', 10_000)
})

test('comments keep the stream alive', async t => {
  const { port, connections } = await setUp(t)
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let text = ''
  socket.on('data', chunk => { text += String(chunk) })
  socket.write('GET /__live/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until(() => connections[0], 'there')
  for (let i = 1; i <= 3; i++) {
    connections[0]?.ping()
    await until(() => text.split('\n:\n').length > i || text.match(/^:$/gm)?.length === i, `beat ${i}`)
  }
})

/** All that either end had sent before has been answered: the second one goes out behind the answers of the first. */
const settled = async (session: ClientHttp2Session): Promise<void> => {
  for (let i = 0; i < 2; i++) await new Promise(resolve => session.ping(resolve))
}

test('HTTP/2: a session that does not answer is dropped', async t => {
  const { hub, port, connections } = await setUp(t, { http2: true })
  const wire = await relay(t, port)
  const session = connectTwo(`http://127.0.0.1:${wire.port}`)
  session.on('error', () => {})
  t.teardown(() => session.destroy())
  session.request({ ':path': '/__live/events' }).on('error', () => {}).resume()
  await until(() => hub.size === 1, 'there')
  for (let i = 0; i < 3; i++) {
    connections[0]?.ping()
    await settled(session)
  }
  t.equal(hub.size, 1, 'it answers')
  wire.cut()
  for (let i = 0; i < 2; i++) connections[0]?.ping()
  await until(() => hub.size === 0, 'the wire is dead')
})

test('HTTP/2: any number of streams on one connection stay, also beside pings of the app', async t => {
  const { app, hub, port, connections } = await setUp(t, { http2: true, maxConnections: 100 })
  const own = new Promise<ServerHttp2Session>(resolve => app.server.once('session', resolve))
  const session = connectTwo(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  for (let i = 0; i < 30; i++) session.request({ ':path': '/__live/events' }).on('error', () => {}).resume()
  await until(() => hub.size === 30, 'all there')
  for (const theirs of [0, 0, 10, 0]) {
    // Node.js refuses an eleventh ping while ten are under way.
    for (let i = 0; i < theirs; i++) (await own).ping(() => {})
    for (const connection of connections) connection.ping()
    await settled(session)
    t.equal(hub.size, 30)
  }
  t.ok(hub.clients().every(({ latency }) => latency !== undefined), 'and each knows how far its client is')
})

test('HTTP/2: one connection gets half of the room, and gives it back', async t => {
  const { hub, port } = await setUp(t, { http2: true, maxConnections: 6 })
  const session = connectTwo(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  const open = async () => {
    const stream = session.request({ ':path': '/__live/events' }).on('error', () => {}).resume()
    return { stream, status: await new Promise(resolve => stream.once('response', headers => resolve(headers[':status']))) }
  }
  const opened = [await open(), await open(), await open(), await open()]
  t.same(opened.map(({ status }) => status), [200, 200, 200, 503])
  opened[0]?.stream.destroy()
  await until(() => hub.size === 2, 'gone')
  t.equal((await open()).status, 200)
})

test('a connection that waits long is not ended by the limits for requests', async t => {
  const { hub, port } = await setUp(t, { before: app => { app.server.setTimeout(100) } })
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write('GET /__live/events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until(() => hub.size === 1, 'there')
  const other = connect(port, '127.0.0.1')
  await new Promise(resolve => other.resume().once('close', resolve))
  t.equal(hub.size, 1, 'one without a request is')
})

for (const first of ['/__live/events', '/slow']) {
  test(`a stream pipelined behind ${first} ends the connection: no client is counted, and close() returns`, async t => {
    const lines: string[] = []
    const { app, hub, port } = await setUp(t, { app: Fastify({ logger: { level: 'warn', stream: { write: line => { lines.push(line) } } } }), maxConnections: 400, after: app => app.get('/slow', () => new Promise(() => {})) })
    const stream = 'GET /__live/events HTTP/1.1\r\nHost: localhost\r\n\r\n'
    await raw(port, stream.replace('/__live/events', first) + stream.repeat(299), { untilEnd: true })
    await until(() => hub.size === 0, 'nobody is counted')
    t.match(await rawGet(port, '/plain'), { body: 'plain' })
    await app.close()
    t.same(hub.clients(), [])
    t.same(lines, [], 'nothing to warn of')
  })
}
