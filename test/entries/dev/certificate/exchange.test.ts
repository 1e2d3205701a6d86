// Certificates that are exchanged under open connections: real TLS, over HTTP/1.1 and HTTP/2, on each address of localhost.
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { setTimeout as pause } from 'node:timers/promises'
import Fastify, { type FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import { tlsServers } from '../../../../lib/entries/dev/certificate/exchange.js'
import { CertificateKeeper } from '../../../../lib/entries/dev/certificate/keeper.js'
import { parseCertificate } from '../../../../lib/entries/dev/certificate/options.js'
import { devCertificate, listen, type ListeningApp } from '../../../../lib/entries/dev/index.js'
import { manualClock } from '../../../support/clock.js'
import { type Folder, folder } from '../../../support/folder.js'
import { type Issue, issue } from '../../../support/issue.js'
import { until } from '../../../support/wait.js'
import { doubleLocalhost, searchPrograms } from '../support.js'

delete process.env.PORT
const HOUR = 60 * 60 * 1000

function install (at: Folder, { key, cert }: Issue) {
  at.write('key.pem', key)
  at.write('cert.pem', cert)
}

/** A folder with a certificate, and what an app needs to use it. */
async function own (t: Test, first: Issue) {
  const at = folder(t)
  install(at, first)
  const lines: string[] = []
  const stream = { write: (line: string) => { lines.push((JSON.parse(line) as { msg: string }).msg) } }
  return { at, lines, logger: { stream }, https: await devCertificate({ key: at.at('key.pem'), cert: at.at('cert.pem') }) }
}

async function open (t: Test, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false, ...options })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

async function served (t: Test, port: number, options?: ConnectionOptions): Promise<string> {
  const socket = await open(t, port, options)
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

async function ask (socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [data] = await once(socket, 'data')
  return String(data)
}

test('50 open connections outlive the exchange, and new ones get the new certificate', async t => {
  const [first, second] = [await issue(), await issue()]
  const { at, lines, logger, https } = await own(t, first)
  const app = Fastify({ logger, https: { ...https, minVersion: 'TLSv1.3' }, forceCloseConnections: true })
  t.teardown(() => app.close())
  app.get('/', () => 'this app')
  const { address, port } = await listen(app, { ports: 0, host: '127.0.0.1', https: 'auto' })
  t.equal(address, `https://127.0.0.1:${port}`)
  const sockets = await Promise.all(Array.from({ length: 50 }, () => open(t, port)))
  let dropped = 0
  for (const socket of sockets) socket.on('close', () => { dropped++ })
  for (const socket of sockets) t.match(await ask(socket), 'this app')

  install(at, second)
  await until(() => lines.some(line => /was exchanged/.test(line)), 'it says so')
  t.equal(await served(t, port), second.serial)
  t.equal(await served(t, port, { servername: '' }), second.serial, 'without a name, too')
  const answers = await Promise.all(sockets.map(ask))
  t.equal(answers.filter(answer => answer.includes('this app')).length, 50)
  t.equal(dropped, 0)
  await t.rejects(open(t, port, { maxVersion: 'TLSv1.2' }), /version|alert/i, 'the other options of TLS stay')
})

test('a wrong certificate is refused, and the old one stays', async t => {
  const [first, second] = [await issue(), await issue()]
  const { at, lines, logger, https } = await own(t, first)
  const app = Fastify({ logger, https })
  t.teardown(() => app.close())
  const { port } = await listen(app, { ports: 0, host: '127.0.0.1' })
  at.write('key.pem', second.key)
  await until(() => lines.some(line => /does not belong to the certificate.*\. The previous one stays in use$/.test(line)), 'the wrong one is said')
  t.equal(await served(t, port), first.serial)
  at.write('cert.pem', second.cert)
  await until(async () => await served(t, port) === second.serial, 'in use once it fits')
})

test('HTTP/2: a session outlives the exchange', async t => {
  const [first, second] = [await issue(), await issue()]
  const { at, logger, https } = await own(t, first)
  const app = Fastify({ logger, http2: true, https: { ...https, allowHTTP1: true } })
  t.teardown(() => app.close())
  app.get('/', () => 'this app')
  const { port } = await listen(app, { ports: 0, host: '127.0.0.1' })
  const session = connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false, lookup: (_, options, done) => options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4) })
  t.teardown(() => session.destroy())
  const get = async () => {
    const [headers] = await once(session.request({ ':path': '/' }).resume(), 'response')
    return headers[':status']
  }
  t.equal(await get(), 200)
  install(at, second)
  await until(async () => await served(t, port) === second.serial, 'exchanged')
  t.equal(await get(), 200)
})

test('each address of localhost gets it', async t => {
  doubleLocalhost(t)
  const [first, second] = [await issue(), await issue()]
  const { at, logger, https } = await own(t, first)
  const app = Fastify({ logger, https })
  t.teardown(() => app.close())
  const { port } = await listen(app, { ports: 0 })
  t.equal(app.addresses().length, 2)
  install(at, second)
  for (const host of ['127.0.0.1', '::1']) await until(async () => await served(t, port, { host }) === second.serial, host)
  t.equal(tlsServers(Object.create(app) as FastifyInstance).length, 2, 'found from a scope, too')
})

test('one that was made is renewed before it ends', async t => {
  searchPrograms(t)
  const at = folder(t)
  const soon = await issue(-80, 5)
  at.write('localhost.key.pem', soon.key)
  at.write('localhost.pem', soon.cert)
  const settings = parseCertificate({ dir: at.path })
  const clock = manualClock()
  const used: string[] = []
  const said: string[] = []
  const log = { info: (text: string) => { said.push(text) }, warn: (text: string) => { said.push(text) } }
  const keeper = new CertificateKeeper({ known: { settings, note: '' }, cert: soon.cert, use: pair => { used.push(pair.cert) }, log: log as never, clock })
  t.teardown(() => keeper.close())
  clock.advance(HOUR)
  await until(() => {
    clock.advance(200)
    return used.length > 0 && said.some(line => /self-signed/.test(line))
  }, 'a new one, and how to trust it')
  t.not(used[0], soon.cert)
  keeper.close()
  at.write('localhost.pem', 'junk')
  clock.advance(2 * HOUR)
  t.equal(used.length, 1)
})

test('one that came before the first look is taken, and files that are written with what they have are no reason', async t => {
  const at = folder(t)
  const [first, second, third] = [await issue(), await issue(), await issue()]
  install(at, second)
  const clock = manualClock()
  const used: string[] = []
  const settings = parseCertificate({ key: at.at('key.pem'), cert: at.at('cert.pem') })
  const keeper = new CertificateKeeper({ known: { settings, note: '' }, cert: first.cert, use: pair => { used.push(pair.cert) }, log: { info () {}, warn () {} } as never, clock })
  t.teardown(() => keeper.close())
  const taken = (count: number) => until(() => {
    clock.advance(200)
    return used.length === count
  }, `exchange ${count}`)
  await taken(1)
  install(at, second)
  for (let looks = 0; looks < 20; looks++) {
    clock.advance(200)
    await pause(5)
  }
  install(at, third)
  await taken(2)
  t.strictSame(used, [second.cert, third.cert])
})

test('an app that closes at once exchanges nothing', async t => {
  const at = folder(t)
  const [first, second] = [await issue(), await issue()]
  install(at, second)
  const clock = manualClock()
  const used: string[] = []
  const settings = parseCertificate({ key: at.at('key.pem'), cert: at.at('cert.pem') })
  const keeper = new CertificateKeeper({ known: { settings, note: '' }, cert: first.cert, use: pair => { used.push(pair.cert) }, log: { info () {}, warn () {} } as never, clock })
  keeper.close()
  for (let looks = 0; looks < 5; looks++) {
    clock.advance(200)
    await pause(5)
  }
  t.strictSame(used, [])
})

test('a renewal that fails is said once, and tried again', async t => {
  searchPrograms(t)
  const at = folder(t, { file: '' })
  const clock = manualClock()
  const said: string[] = []
  const log = { info () {}, warn: (text: string) => { said.push(text) } }
  const settings = parseCertificate({ dir: at.at('file/below') })
  const keeper = new CertificateKeeper({ known: { settings, note: '' }, cert: '', use () {}, log: log as never, clock })
  t.teardown(() => keeper.close())
  await until(() => {
    clock.advance(HOUR)
    return said.length > 0
  }, 'said')
  t.match(said[0], /`devCertificate\.dir` must be a folder that can be written to/)
})

test('an app without TLS, and one with a certificate of its own', async t => {
  const plain = Fastify()
  t.teardown(() => plain.close())
  await t.rejects(listen(plain, { ports: 0, https: 'auto' }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`listen\.https` must be of an app that was made with Fastify\(\{ https: await devCertificate\(\) \}\), got 'auto' for one without TLS/ })
  await t.rejects(listen(plain, { https: true } as never), { message: /`listen\.https` must be 'auto', got true/ })
  const { key, cert, serial } = await issue()
  const secure = Fastify({ https: { key, cert: Buffer.from(cert) } })
  t.teardown(() => secure.close())
  t.equal(await served(t, (await listen(secure, { ports: 0, host: '127.0.0.1' })).port), serial)
})

test('what was just made is told where the app listens', async t => {
  searchPrograms(t)
  const lines: string[] = []
  const stream = { write: (line: string) => { lines.push((JSON.parse(line) as { msg: string }).msg) } }
  const app = Fastify({ logger: { stream }, https: await devCertificate({ dir: folder(t).path }) })
  t.teardown(() => app.close())
  app.get('/', () => 'this app')
  const typed: ListeningApp = app
  await listen(typed, { ports: 0 })
  t.ok(lines.some(line => /^live reload: mkcert is not installed, so the certificate/.test(line)))
  const { port } = app.server.address() as AddressInfo
  t.match(await ask(await open(t, port)), 'this app')
})
