// Wherever an app listens, whatever hooks it has, however it starts and ends: our routes keep their word, and the app's are its own.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, request, type RequestOptions } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import { WebSocket } from 'ws'
import liveReload from '../../lib/index.js'
import '../support/preload.js'
import type { HelloMessage, ServerMessage } from '../../types/message.js'
import { startApp } from '../support/app.js'
import { createEventReader } from '../support/event-reader.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

const HTML = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'

/** A stream by whatever a request can be made over. */
function stream (t: Test, options: RequestOptions) {
  const reader = createEventReader()
  const asked = request({ path: '/__live/events', headers: { host: 'localhost' }, ...options }, answer => answer.on('error', () => {}).on('data', chunk => reader.read(chunk)))
  asked.on('error', () => {})
  asked.end()
  t.teardown(() => asked.destroy())
  return reader.got
}

function socketAt (t: Test, address: string) {
  const got: ServerMessage[] = []
  const socket = new WebSocket(address, { headers: { host: 'localhost' } })
  socket.on('message', data => got.push(JSON.parse(String(data)) as ServerMessage))
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  return got
}

test('a Unix socket, IPv6 alone, both stacks', async t => {
  const { at } = folder(t, { 'index.html': HTML })
  const cases: [name: string, listen: object, options: (port: number) => RequestOptions, address: (port: number) => string][] = [
    ['IPv6', { port: 0, host: '::1' }, port => ({ host: '::1', port }), port => `ws://[::1]:${port}/__live/socket`],
    ['both, by IPv4', { port: 0, host: '::' }, port => ({ host: '127.0.0.1', port }), port => `ws://127.0.0.1:${port}/__live/socket`],
    ['both, by IPv6', { port: 0, host: '::' }, port => ({ host: '::1', port }), port => `ws://[::1]:${port}/__live/socket`],
    ...process.platform === 'win32' ? [] : [['a Unix socket', { path: at('app.sock') }, () => ({ socketPath: at('app.sock') }), () => `ws+unix://${at('app.sock')}:/__live/socket`]] as typeof cases
  ]
  for (const [name, listen, options, address] of cases) {
    const app = Fastify({ forceCloseConnections: true })
    await app.register(liveReload, { root: at('') })
    await app.listen(listen)
    const { port } = Object(app.server.address()) as AddressInfo
    const heard = [stream(t, options(port)), socketAt(t, address(port))]
    await until(() => heard.every(got => got[0]?.type === 'hello'), `${name}: both are greeted`)
    app.liveReload.reload()
    await until(() => heard.every(got => got.at(-1)?.type === 'reload'), `${name}: both are told`)
    t.strictSame(heard.map(got => got.filter(({ type }) => type === 'reload').length), [1, 1], `${name}: stream and socket hear one reload each`)
    await app.close()
  }
})

test('beside every kind of hook and handler of an app', async t => {
  const { at } = folder(t, { 'index.html': HTML })
  const seen: string[] = []
  const { url, port } = await startApp(t, { root: at('') }, {
    server: { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true }, exposeHeadRoutes: true },
    before: app => app
      .setErrorHandler((_error, _request, reply) => { reply.code(500).send({ theirs: true }) })
      .setNotFoundHandler((_request, reply) => { reply.code(404).send({ theirs: true }) })
      .addHook('onRequest', async ({ url }) => { seen.push(url) })
      .addHook('preValidation', async () => {})
      .addHook('onSend', async (_request, reply, payload) => {
        reply.header('x-theirs', '1')
        return payload
      })
      .register(async scope => { scope.get('/scoped/fails', async () => { throw new Error('oh') }) }, { prefix: '/api' })
  })
  const asked: [path: string, init: RequestInit, status: number, body: RegExp][] = [
    ['/__live/health', {}, 200, /"ok":true/],
    ['/__live/health/', {}, 200, /"ok":true/],
    ['/__live/overlay', {}, 200, /^null$/],
    ['/__live/client.js', {}, 200, /liveReload/],
    ['/__live/client.js', { method: 'HEAD' }, 200, /^$/],
    ['/__live/socket', {}, 426, /WebSocket only/],
    ['/__live/applied', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }, 403, /token/],
    ['/__live/nothing', {}, 404, /theirs/],
    ['/nothing', {}, 404, /theirs/],
    ['/api/scoped/fails', {}, 500, /theirs/],
    ['/', { headers: { 'sec-fetch-dest': 'document' } }, 200, /data-live-reload/]
  ]
  for (const [path, init, status, body] of asked) {
    const answer = await fetch(url + path, init)
    t.match([answer.status, await answer.text()], [status, body], `${init.method ?? 'GET'} ${path}`)
  }
  t.ok(seen.includes('/__live/health'), 'hooks of the app see our routes, too')
  const heard = [stream(t, { port }), socketAt(t, `ws://127.0.0.1:${port}/__live/socket`)]
  await until(() => heard.every(got => got[0]?.type === 'hello'), 'both are greeted')
})

test('an app that requires a password lets no tab in without it', async t => {
  const { port, app } = await startApp(t, {}, {
    before: app => app.addHook('onRequest', async ({ headers }, reply) => { if (headers.authorization !== 'Basic me') await reply.code(401).send('who are you?') })
  })
  const refused = socketAt(t, `ws://127.0.0.1:${port}/__live/socket`)
  const welcome = stream(t, { port, headers: { host: 'localhost', authorization: 'Basic me' } })
  await until(() => welcome[0]?.type === 'hello', 'who is known')
  t.equal(app.liveReload.clients, 1)
  t.same(refused, [])
})

test('several apps in one process keep apart', async t => {
  const first = await startApp(t, {})
  const second = await startApp(t, { path: '/_dev' })
  const heard = [stream(t, { port: first.port }), stream(t, { port: second.port, path: '/_dev/events' })]
  await until(() => heard.every(got => got[0]?.type === 'hello'), 'both')
  first.app.liveReload.reload()
  await until(() => heard[0]?.length === 2, 'one is told')
  await first.app.close()
  second.app.liveReload.reload()
  await until(() => heard[1]?.length === 2, 'the other one lives on')
  t.match(heard[1], [{ type: 'hello' }, { type: 'reload', seq: 1 }])
})

test('a port that is taken: the error says which, and everything of ours can be ended', async t => {
  const { at } = folder(t, { 'index.html': HTML })
  const blocker = createServer()
  await new Promise<void>(resolve => { blocker.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => blocker.close())
  const { port } = blocker.address() as AddressInfo
  const app = Fastify()
  let built = 0
  await app.register(liveReload, { root: at(''), build: { source: at('src'), builder: async () => { built++ } } })
  await t.rejects(app.listen({ port, host: '127.0.0.1' }), { code: 'EADDRINUSE', message: new RegExp(String(port)) })
  await app.liveReload.ready
  await app.close()
  t.ok(built <= 1)
  t.equal(app.liveReload.clients, 0)
})

test('an app that never listens: no timer keeps the process', async t => {
  const { at } = folder(t, { 'index.html': HTML })
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const app: FastifyInstance = Fastify()
  t.teardown(() => app.close())
  const before = timers()
  await app.register(liveReload, { root: at(''), backend: 'poll' })
  t.match(await app.inject({ url: '/', headers: { host: 'localhost', accept: 'text/html' } }), { statusCode: 200, body: /data-live-reload/ })
  await app.liveReload.ready
  t.ok(await until(() => timers() <= before, 'none of ours'))
})

test('a hook of the app that throws while it closes', async t => {
  const { app, port } = await startApp(t, {}, {
    after: app => app.addHook('onClose', async () => { throw new Error('theirs') }).addHook('preClose', async () => { throw new Error('theirs, too') })
  })
  const got = socketAt(t, `ws://127.0.0.1:${port}/__live/socket`)
  await until(() => got[0]?.type === 'hello', 'greeted')
  await app.close().catch(() => {})
  await until(() => got.at(-1)?.type === 'closing', 'told')
  t.equal(app.liveReload.clients, 0)
})

test('50 saves a second, each one builds, 200 tabs: they are gathered, and all tabs end on the last state', async t => {
  const { at, write } = folder(t, { 'src/page.txt': 'save 0', 'out/index.html': 'save 0' })
  let builds = 0
  const sent: number[] = []
  const { app, port, url } = await startApp(t, {
    root: at('out'),
    security: { maxConnections: 300 },
    build: { source: at('src'), builder: async () => { write('out/index.html', `<p>${readFileSync(at('src/page.txt'), 'utf8')}</p>`) } }
  })
  const shown = async () => (await fetch(url)).text()
  await until(async () => await shown() === '<p>save 0</p>', 'the first build')
  app.liveReload.on('send', ({ message }) => { if (message.type === 'reload') sent.push(message.seq) })
  const all = Array.from({ length: 200 }, (_, i) => i % 2 ? socketAt(t, `ws://127.0.0.1:${port}/__live/socket`) : stream(t, { port, agent: false }))
  await until(() => all.every(got => got[0]?.type === 'hello'), 'all there')
  app.liveReload.on('build:start', () => { builds++ })
  const begin = performance.now()
  for (let i = 1; i <= 100; i++) {
    writeFileSync(at('src/page.txt'), `save ${i}`)
    await sleep(Math.max(0, begin + i * 20 - performance.now()))
  }
  const took = performance.now() - begin
  await until(async () => await shown() === '<p>save 100</p>', 'the last save')
  await until(() => Object.values(app.liveReload.status().builds).every(({ state }) => state === 'ok'), 'the last build has ended')
  const reloads = (got: ServerMessage[]) => got.filter(message => message.type === 'reload').map(({ seq }) => seq)
  await until(() => all.every(got => reloads(got).at(-1) === app.liveReload.status().seq), 'all know of the last state')
  for (const got of all) {
    const { seq: from } = got[0] as HelloMessage
    t.same(reloads(got), sent.filter(seq => seq > from), 'each message once, in order')
  }
  t.comment(`${builds} builds, ${sent.length} reloads, ${all[0]?.length} messages; ${Math.round(took)} ms of saves`)
  t.ok(builds <= 20 * Math.max(1, took / 2000), `${builds} builds of 100 saves`)
  t.ok(sent.length <= builds + 1, `${sent.length} reloads, with that of the first build`)
  t.equal(app.liveReload.clients, 200, 'nobody was dropped for being slow')
})

test('100 messages, 200 tabs: every tab receives every message, in order', async t => {
  const { app, port } = await startApp(t, { security: { maxConnections: 300 } })
  const all = Array.from({ length: 200 }, (_, i) => i % 2 ? socketAt(t, `ws://127.0.0.1:${port}/__live/socket`) : stream(t, { port, agent: false }))
  await until(() => all.every(got => got[0]?.type === 'hello'), 'all there')
  for (let seq = 1; seq <= 100; seq++) {
    app.liveReload.reload()
    if (seq % 2 === 0) await sleep(20)
  }
  await until(() => all.every(got => got.length === 101), 'all told')
  for (const got of all) t.match(got.at(-1), { type: 'reload', seq: 100 })
  t.equal(app.liveReload.clients, 200, 'nobody was dropped for being slow')
})

test('many that begin a request and never end it: Node ends them, and whoever is connected stays', async t => {
  const { port, url, app } = await startApp(t, {}, { server: { http: { headersTimeout: 2000, requestTimeout: 2000, connectionsCheckingInterval: 100 } } as object })
  const tabs = [socketAt(t, `ws://127.0.0.1:${port}/__live/socket`), stream(t, { port, agent: false })]
  await until(() => tabs.every(got => got[0]?.type === 'hello'), 'tabs that were there before')
  const slow: Socket[] = []
  t.teardown(() => { for (const socket of slow) socket.destroy() })
  let begun = 0
  let ended = 0
  for (let i = 0; i < 300; i++) {
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET /__live/${i % 2 ? 'events' : 'socket'} HTTP/1.1\r\nHost: localh`, () => { begun++ }))
    slow.push(socket.on('error', () => {}).on('close', () => { ended++ }).resume())
  }
  await until(() => begun === 300, 'all begun')
  t.equal((await fetch(`${url}/__live/health`)).status, 200)
  tabs.push(socketAt(t, `ws://127.0.0.1:${port}/__live/socket`))
  await until(() => tabs.at(-1)?.[0]?.type === 'hello', 'tabs get in')
  t.equal(app.liveReload.clients, 3, 'who has not asked is nobody')
  await until(() => ended === 300, 'ended by the time limits of the app')
  app.liveReload.reload()
  await until(() => tabs.every(got => got.at(-1)?.type === 'reload'), 'no limit has met the tabs')
})
