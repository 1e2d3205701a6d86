// listen(): real sockets, and other programs on the ports.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import FastifyOldest from 'fastify-5.0'
import { test, type Test } from 'tap'
import { listen } from '../../../lib/entries/dev/index.js'
import { takePort } from '../../../lib/entries/dev/ports.js'
import { request } from '../../support/http.js'
import { onLinux } from '../../support/system.js'
import { doubleLocalhost } from './support.js'

delete process.env.PORT

interface Started { readonly app: FastifyInstance, readonly lines: { level: number, msg: string }[] }

function start (t: Test, create: typeof Fastify = Fastify): Started {
  const lines: Started['lines'] = []
  const app = create({ logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  app.get('/', () => 'this app')
  return { app, lines }
}

/** Another program on a port; without one, on a free one. */
async function occupy (t: Test, port = 0, host = '127.0.0.1'): Promise<number> {
  const server: Server = createServer().listen(port, host)
  await once(server, 'listening')
  t.teardown(() => new Promise(resolve => server.close(resolve)))
  return (server.address() as AddressInfo).port
}

/** Ports that nobody has now. */
async function free (count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

const ours = ({ lines }: Started) => lines.filter(({ msg }) => msg.startsWith('live reload: '))

for (const [version, create] of [['this Fastify', Fastify], ['Fastify 5.0', FastifyOldest]] as const) {
  test(`${version}: two ports are taken, the third is used and named`, async t => {
    const [first, second] = [await occupy(t), await occupy(t)]
    const [third = 0] = await free(1)
    const started = start(t, create as typeof Fastify)
    const { address, port, network, taken } = await listen(started.app, { ports: [first, second, third] })
    t.equal(port, third)
    t.equal(address, `http://localhost:${third}`)
    t.strictSame(network, [])
    t.strictSame(taken.map(one => one.port), [first, second])
    t.equal((await request(third, '/')).text, 'this app')
    const [moved, at] = ours(started)
    t.match(moved, { level: 40, msg: new RegExp(`port ${first} is taken.*, port ${second} is taken.*, so the app listens on ${third}: http://localhost:${third}/$`) })
    t.match(at, { level: 30, msg: `live reload: the app is at http://localhost:${third}/` })
  })
}

test('all ports are taken: a free one, and one that is free is not talked about', async t => {
  const taken = [await occupy(t), await occupy(t)]
  const moved = await listen(start(t).app, { ports: taken })
  t.notOk(taken.includes(moved.port))
  t.equal((await request(moved.port, '/')).text, 'this app')

  const [first = 0] = await free(1)
  const started = start(t)
  t.match(await listen(started.app, { ports: first }), { port: first, taken: [] })
  t.equal(ours(started).length, 1)
})

test('the one who has a port is named', onLinux, async t => {
  const secret = 'open-sesame'
  const child = spawn(process.execPath, ['-e', 'require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })', secret], { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/tmp' })
  t.teardown(() => child.kill())
  const [text] = await once(child.stdout, 'data')
  const started = start(t)
  const { taken } = await listen(started.app, { ports: [Number(text)] })
  t.strictSame(taken, [{ port: Number(text), by: { pid: child.pid, name: process.execPath.replace(/^.*\//, ''), cwd: '/tmp' } }])
  t.match(ours(started)[0]?.msg, `port ${Number(text)} is taken by node (pid ${child.pid}, in /tmp), so the app listens on `)
  t.notMatch(JSON.stringify(started.lines), secret)
})

test('a port of the environment does not move', async t => {
  const port = await occupy(t)
  t.teardown(() => { delete process.env.PORT })
  process.env.PORT = String(port)
  const { app } = start(t)
  const fixed = { code: 'FST_LIVE_RELOAD_PORT_TAKEN', message: new RegExp(`^live reload: port ${port} of the environment variable PORT is taken by .*: .*, or set another PORT$`) }
  await t.rejects(listen(app, { ports: [0] }), fixed)
  t.equal(app.server.listening, false)
  const [next = 0] = await free(1)
  process.env.PORT = String(next)
  t.match(await listen(app, { ports: [0] }), { port: next }, 'the app may try again')
})

test('a program on another address of localhost counts: a browser would show that one', async t => {
  doubleLocalhost(t)
  const { app } = start(t)
  const [port = 0, next = 0] = await free(2)
  await occupy(t, port, '::1')
  t.match(await listen(app, { ports: [port, next], host: 'localhost' }), { port: next, taken: [{ port }] })
  t.equal(app.addresses().length, 2)
})

test('all addresses: those of the network are told', async t => {
  const [port = 0, next = 0] = await free(2)
  await occupy(t, port, '::1')
  const started = start(t)
  const { address, network } = await listen(started.app, { ports: [port, next], host: '0.0.0.0' })
  t.equal(address, `http://localhost:${next}`)
  for (const url of network) t.match(ours(started).at(-1)?.msg, `${url}/`)
})

test('a host that is none of this machine names the option; what fails in the app is as it was', async t => {
  await t.rejects(listen(start(t).app, { ports: 0, host: '203.0.113.1' }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`listen\.host` must be an address or a name of this machine, got 203\.0\.113\.1 \(EADDRNOTAVAIL\)/ })
  const broken = start(t)
  broken.app.register(async () => { throw Object.assign(new Error('of a plugin'), { code: 'EADDRINUSE' }) })
  await t.rejects(listen(broken.app, { ports: 0 }), { message: 'of a plugin', code: 'EADDRINUSE' })
  const twice = start(t)
  await listen(twice.app, { ports: 0 })
  await t.rejects(listen(twice.app, { ports: 0 }), { code: 'FST_ERR_REOPENED_SERVER' })
})

test('a port that this user may not have is an error, and no reason to go on', async t => {
  const asked: number[] = []
  const denied = async ({ port }: { port: number }) => {
    asked.push(port)
    throw Object.assign(new Error('no'), { code: 'EACCES' })
  }
  await t.rejects(takePort({ ports: [65_001, 65_002], isFixed: false, host: '127.0.0.1', https: false, open: undefined, qr: false }, denied), { code: 'FST_LIVE_RELOAD_PORT_FORBIDDEN', message: /^live reload: this user may not listen on port 65001: / })
  t.strictSame(asked, [65_001])
})

test('a port that somebody takes in the last moment is left to him', async t => {
  const { app, lines } = start(t)
  const asked: number[] = []
  const late = {
    server: app.server,
    log: app.log,
    ready: () => app.ready(),
    async listen (address: { port: number, host: string }) {
      asked.push(address.port)
      if (address.port !== 0) throw Object.assign(new Error('late'), { code: 'EADDRINUSE' })
      return app.listen(address)
    }
  }
  const [port = 0] = await free(1)
  t.strictSame((await listen(late, { ports: port, host: '127.0.0.1' })).taken, [{ port }])
  t.strictSame(asked, [port, 0])
  t.match(ours({ app, lines })[0]?.msg, new RegExp(`port ${port} is taken, so`), 'nobody is named who cannot be known')
  await t.rejects(takePort({ ports: [port], isFixed: true, host: 'no-such-host.invalid', https: false, open: undefined, qr: false }, late.listen), { code: 'FST_LIVE_RELOAD_PORT_TAKEN', message: /is taken by another program: find it with "/ })
})

test('without a logger of the app, only what is unexpected is said', async t => {
  const said: string[] = []
  const { error } = console
  t.teardown(() => { console.error = error })
  console.error = text => { said.push(text) }
  const port = await occupy(t)
  const app = Fastify()
  t.teardown(() => app.close())
  await listen(app, { ports: port })
  t.equal(said.length, 1)
  t.match(said[0], `port ${port} is taken`)
})
