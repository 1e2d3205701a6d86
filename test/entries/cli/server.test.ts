// Commands from outside: real servers, the program, and tabs that are told.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../../../lib/index.js'
import { askAll } from '../../../lib/entries/cli/server/ask.js'
import { COMMANDS } from '../../../lib/entries/cli/commands.js'
import { main } from '../../../lib/entries/cli/main.js'
import type { ServerRecord } from '../../../lib/shared/command-line/server-file.js'
import type { LiveReloadOptions } from '../../../types/options.js'
import { startApp } from '../../support/app.js'
import { certificate as https } from '../../support/certificate.js'
import { folder, type Folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'
import { run } from './support.js'

/** A user of his own: nothing of this machine is found. */
function alone (t: Test, files: Record<string, string> = {}): Folder & { readonly servers: string } {
  const home = folder(t, { 'run/.keep': '', 'tmp/.keep': '', 'project/.keep': '', ...files })
  const [before, { XDG_RUNTIME_DIR, TMPDIR }] = [process.cwd(), process.env]
  process.env.XDG_RUNTIME_DIR = home.at('run')
  process.env.TMPDIR = home.at('tmp')
  process.chdir(home.at('project'))
  t.teardown(() => {
    process.chdir(before)
    for (const [name, value] of Object.entries({ XDG_RUNTIME_DIR, TMPDIR })) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
  return { ...home, servers: home.at('run/fastify-live-reload') }
}

/** One call in this process. */
async function call (...args: string[]): Promise<{ code: number, stdout: string, stderr: string }> {
  const said = { stdout: '', stderr: '' }
  const undo = (['stdout', 'stderr'] as const).map(name => {
    const { write } = process[name]
    process[name].write = ((text: string) => { said[name] += text; return true }) as typeof write
    return () => { process[name].write = write }
  })
  try {
    return { code: await main(args, COMMANDS), ...said }
  } finally {
    undo.forEach(restore => restore())
  }
}

const files = (dir: string): string[] => !existsSync(dir) ? [] : readdirSync(dir).filter(name => name.endsWith('.json'))
const written = (dir: string, count = 1) => until(() => files(dir).length === count, `${count} files`)

/** The record of a server that may not exist. */
function record (dir: string, more: Partial<ServerRecord> = {}): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, `${files(dir).length}.json`)
  writeFileSync(file, JSON.stringify({ cwd: process.cwd(), pid: process.pid, epoch: 'epoch', token: 'token', url: 'http://127.0.0.1:9/__live', ...more }), { mode: 0o600 })
  return file
}

async function answering (t: Test, server: Server): Promise<string> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/__live`
}

test('the program tells the tabs of a server, and its file is for the user alone and goes with the server', async t => {
  const { servers, at } = alone(t, { 'project/public/app.css': 'a {}', 'project/public/index.html': '<!doctype html><link rel=stylesheet href=app.css>' })
  const { app, port, tab } = await startApp(t, { root: 'public' })
  await written(servers)
  t.equal(statSync(servers).mode & 0o777, 0o700)
  t.equal(statSync(join(servers, String(files(servers)[0]))).mode & 0o777, 0o600)
  const { got } = await tab()
  const cwd = at('project/public')
  t.match(await run({ cwd }, 'reload'), { code: 0, stdout: `http://127.0.0.1:${port}: reload: all -> 1 tab\n`, stderr: '' }, 'from a directory below')
  await until(() => got.some(({ type }) => type === 'reload'), 'a reload')
  t.match(await run({ cwd }, 'reload', 'app.css'), { code: 0, stdout: /reload: app\.css -> 1 tab; no page used it within 1 s\n$/ }, 'this tab shows nothing')
  t.match(await until(() => got.find(({ type }) => type === 'update'), 'an update'), { updates: [{ kind: 'css', path: '/app.css' }] }, 'a style sheet is shown in place')
  t.match(await run({ cwd }, 'reload', '--url', '/blog/', '--json'), { code: 0, stdout: String })
  t.match(await until(() => got.find(message => message.type === 'reload' && message.urls !== undefined), 'a reload of some'), { urls: ['/blog/'] })
  await app.close()
  t.same(files(servers), [])
  t.match(await run({ cwd }, 'reload'), { code: 3, stdout: '', stderr: `no server with live reload runs in ${cwd}: start it\n` })
})

test('reload: files of no root, files with a URL, and a server that is paused', async t => {
  const { servers } = alone(t, { 'project/any/where.php': '', 'project/a.php': '' })
  const { app, tab } = await startApp(t, { watch: 'views' })
  await written(servers)
  const { got } = await tab()
  const last = async () => await until(() => got.find(({ type }) => type === 'reload'), 'a reload').finally(() => { got.length = 0 })
  t.match(await call('reload', 'any/where.php'), { code: 0, stdout: /: reload: any\/where\.php -> 1 tab\n/ })
  t.match(await last(), { paths: ['any/where.php'] })
  await call('reload', 'a.php', '--url', '/a', '--url', '/b')
  t.match(await last(), { paths: ['a.php'], urls: ['/a', '/b'] })
  const json = JSON.parse((await call('reload', '--json')).stdout)
  t.match(json, [{ cwd: process.cwd(), pid: process.pid, tabs: 1, paused: false }])
  t.notMatch(JSON.stringify(json), new RegExp(app.liveReload.token), 'no token is printed')
  app.liveReload.pause()
  t.match(await call('reload'), { code: 0, stdout: /: reload: all -> waits for resume\(\)\n/ })
  t.match(await call('reload', '--url', 'blog'), { code: 2, stderr: '--url must be a path that begins with /, got "blog"\n' })
  t.match(await call('reload', ''), { code: 2, stderr: /^a path is empty; .*\n$/ })
})

test('reload: of a file that a page may use it says whether one did', async t => {
  const { servers } = alone(t, { 'project/public/app.css': 'a {}', 'project/public/app.js': '' })
  const { app, tab } = await startApp(t, { root: 'public' })
  await written(servers)
  t.match(await call('reload', 'public/app.css'), { code: 0, stdout: /: reload: public\/app\.css -> no tab is open\n$/ })
  const [{ socket }, leaving] = [await tab(), await tab()]
  socket.on('message', text => {
    const { type, seq } = JSON.parse(String(text))
    if (type === 'update') socket.send(JSON.stringify({ type: 'applied', kind: 'update', seq, ms: 1 }))
    if (type === 'reload') leaving.socket.close()
  })
  t.match(await call('reload', 'public/app.css'), { code: 0, stdout: / -> 2 tabs\n$/ }, 'one shows it')
  t.match(await call('reload', 'public/app.js'), { code: 0, stdout: / -> 2 tabs\n$/ }, 'one leaves for it')
  t.match(await call('reload', 'public/app.js'), { code: 0, stdout: / -> 1 tab; no page used it within 1 s\n$/ })
  t.match(JSON.parse((await call('reload', 'public/app.js', '--json')).stdout), [{ tabs: 1, used: false }])
  app.liveReload.pause()
  t.match(await call('reload', 'public/app.css'), { code: 0, stdout: / -> waits for resume\(\)\n$/ })
})

test('reload: a file that does not exist is named, and no tab is told', async t => {
  const { servers } = alone(t, { 'project/there.css': '' })
  const { app, tab } = await startApp(t, { watch: 'views' })
  await written(servers)
  await tab()
  const { seq } = app.liveReload.status()
  t.match(await run({ cwd: process.cwd() }, 'reload', 'nothing.css'), { code: 2, stdout: '', stderr: 'live reload: nothing.css does not exist, so no tab was told\n' })
  t.match(await call('reload', 'there.css', 'a/b.css', '../c.css'), { code: 2, stderr: /^live reload: a\/b\.css, \/.*\/c\.css do not exist, so no tab was told\n$/ })
  t.equal(app.liveReload.status().seq, seq)
})

test('build-now waits for the builds of the server, and its exit code says how they ended', async t => {
  const { servers } = alone(t)
  const ran: string[] = []
  const good = { name: 'good', source: 'src', builder: () => { ran.push('good') } }
  const bad = { name: 'bad', source: 'src', builder: () => { throw new Error('broken on purpose') } }
  await startApp(t, { build: [good, bad] })
  await written(servers)
  ran.length = 0
  t.match(await run({ cwd: process.cwd() }, 'build-now', 'good'), { code: 0, stdout: /^good: done in \d/, stderr: '' })
  t.same(ran, ['good'])
  t.match(await call('build-now'), { code: 1, stdout: /^good: done in .*\nbad: failed in .*: 1 error\n$/, stderr: /error: broken on purpose/ })
  t.match(JSON.parse((await call('build-now', '--json')).stdout), [{ cwd: process.cwd(), builds: [{ name: 'good', ok: true }, { name: 'bad', ok: false, diagnostics: [{ message: 'broken on purpose' }] }] }])
  t.match(await call('build-now', 'bda'), { code: 2, stdout: '', stderr: 'live reload: there is no build named bda; known are good, bad\n' })
  t.match(await call('build-now', 'good', 'bad'), { code: 2, stderr: /^Unexpected argument 'bad'; see fastify-live-reload build-now --help\n$/ })
})

test('a build that takes long is waited for, and one whose server closes is a failure', async t => {
  const { servers } = alone(t)
  let started = 0
  const { app } = await startApp(t, { build: { name: 'slow', source: 'src', builder: (_request, { signal }) => ++started === 1 ? undefined : new Promise((_resolve, reject) => { signal.onabort = () => reject(signal.reason) }) } })
  await written(servers)
  const asked = call('build-now')
  await until(() => started === 2, 'a second build')
  await app.close()
  t.match(await asked, { code: 1, stdout: /^slow: failed in / })
})

test('builds of several servers are told apart', async t => {
  const { servers } = alone(t)
  const build = { name: 'docs', source: 'src', builder () {} }
  const ports = [await startApp(t, { build }), await startApp(t, { build })].map(({ port }) => port).sort((a, b) => a - b)
  await written(servers, 2)
  t.match(await call('build-now'), { code: 0, stdout: new RegExp(`^${ports.map(port => `http://127.0.0.1:${port}: docs: done in .*\n`).join('')}$`) })
  t.match(await call('build-now', 'css'), { code: 2, stderr: 'live reload: there is no build named css; known are docs\n' }, 'a mistake is told once')
})

test('a server without builds says so', async t => {
  const { servers } = alone(t)
  await startApp(t, { watch: 'views' })
  await written(servers)
  t.match(await call('build-now'), { code: 0, stdout: 'the server has no builds\n' })
  t.match(await call('build-now', 'css'), { code: 2, stderr: 'live reload: there is no build named css; known are none\n' })
})

test('status says how a server is doing', async t => {
  const { servers } = alone(t, { 'project/views/a.html': 'a', 'project/src/.keep': '' })
  let isBroken = false
  const { app, port, tab } = await startApp(t, { watch: 'views', build: { name: 'docs', source: 'src', builder: () => { if (isBroken) throw new Error('broken') } } })
  await written(servers)
  await tab()
  const cwd = process.cwd()
  t.match(await run({ cwd }, 'status'), { code: 0, stdout: new RegExp(`^http://127\\.0\\.0\\.1:${port}: ok, 1 tab, watching 2 files\nhttp://127\\.0\\.0\\.1:${port}: build docs: ok in \\d+ ms\n$`), stderr: '' })
  t.match(JSON.parse((await call('status', '--json')).stdout), [{ cwd, pid: process.pid, url: `http://127.0.0.1:${port}/__live`, status: { ok: true, clients: 1 } }])
  isBroken = true
  await app.liveReload.build()
  app.liveReload.pause()
  t.match(await call('status'), { code: 1, stdout: /, paused\n.*: build docs: failed in / })
  t.match(await call('status', '--dir', 'gone'), { code: 2, stderr: '--dir names gone, which does not exist\n' })
})

test('a first build that has not ended is not ok', async t => {
  const { servers } = alone(t)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveReload, { build: { name: 'slow', source: 'src', builder: () => new Promise(() => {}) } })
  await app.listen()
  await written(servers)
  t.match(await call('status'), { code: 1, stdout: /: not ok: not built yet: slow, 0 tabs, watching 0 files \(degraded: .*src does not exist; it will be watched as soon as it does\)\n.*: build slow: started\n/ })
})

test('status of an app in which nothing is watched', async t => {
  const { servers } = alone(t)
  await startApp(t, {})
  await written(servers)
  t.match(await call('status'), { code: 0, stdout: /: ok, 0 tabs, nothing is watched\n$/ })
})

test('of several servers those of the nearest directory are told, and all of them', async t => {
  const { servers, at } = alone(t, { 'project/docs/deep/.keep': '' })
  const start = async (dir: string) => {
    process.chdir(at(dir))
    const { port, tab } = await startApp(t, { watch: 'views' })
    const { reloads } = await tab()
    return { port, reloads }
  }
  const [one, two, docs] = [await start('project'), await start('project'), await start('project/docs')]
  await written(servers, 3)
  process.chdir(at('project'))
  t.match(await call('reload'), { code: 0, stdout: new RegExp(`^${[one, two].map(({ port }) => port).sort((a, b) => a - b).map(port => `http://127.0.0.1:${port}: reload: all -> 1 tab\n`).join('')}$`) }, 'in the order of their ports')
  await until(() => one.reloads() === 1 && two.reloads() === 1, 'two reloads')
  t.match(await call('reload', '--dir', 'docs/deep'), { code: 0, stdout: new RegExp(`^http://127.0.0.1:${docs.port}: `) })
  await until(() => docs.reloads() === 1, 'a reload')
  t.same([one.reloads(), two.reloads()], [1, 1])
  t.match(await call('reload', '--dir', '..'), { code: 3, stderr: /^no server with live reload runs in .*: start it, or name by --dir one of those in .*project.*\n$/ })
})

test('files of servers that are gone: one line, exit code 3, and the file is removed', async t => {
  const { servers, at } = alone(t)
  record(servers, { pid: 2 ** 22 + 1 })
  t.match(await call('status'), { code: 3, stdout: '', stderr: `the server of ${at('project')} (pid ${2 ** 22 + 1}) is gone: start it\n` })
  t.same(files(servers), [])
  const free = createSocketServer().listen(0, '127.0.0.1')
  await until(() => free.listening, 'listening')
  const { port } = free.address() as AddressInfo
  await new Promise(resolve => free.close(resolve))
  record(servers, { url: `http://127.0.0.1:${port}/__live` })
  t.match(await call('status'), { code: 3, stderr: `the server of ${at('project')} is gone from http://127.0.0.1:${port}: start it\n` })
  t.same(files(servers), [])
  record(servers, { url: 'http://localhost/__live', socket: at('gone.sock') })
  t.match(await call('status'), { code: 3, stderr: `the server of ${at('project')} is gone from ${at('gone.sock')}: start it\n` })
  for (const text of ['', '{', '{}', 'null', '{"cwd":"/","epoch":"a","token":"a","url":"nowhere","pid":1}']) {
    writeFileSync(join(servers, 'broken.json'), text, { mode: 0o600 })
    t.match(await call('status'), { code: 3, stderr: /^no server / }, `what is no record is left out: ${text}`)
  }
})

test('a file of a server that is gone does not keep the others from being told', async t => {
  const { servers } = alone(t)
  const { tab } = await startApp(t, { watch: 'views' })
  await written(servers)
  record(servers)
  const { reloads } = await tab()
  t.match(await call('reload'), { code: 0, stdout: /^http.* -> 1 tab\n$/ })
  await until(() => reloads() === 1, 'a reload')
})

test('another program on the port, and a hook of the app in the way: one line and exit code 3', async t => {
  const { servers } = alone(t)
  const other = await answering(t, createServer((_request, response) => response.writeHead(404).end('not here')))
  record(servers, { url: other })
  t.match(await call('reload'), { code: 3, stderr: /^http:\S+ answered 404, which is not the server of .*\n$/ })
  record(servers, { url: await answering(t, createServer(({ socket }) => socket.destroy())) })
  t.match(await call('reload', '--dir', '.'), { code: 3, stderr: /^[^\n]+\n$/ })
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('onRequest', async (_request, reply) => reply.code(401).send('who are you?'))
  await app.register(liveReload, { watch: 'views' })
  const before = files(servers).length
  await app.listen()
  await written(servers, before + 1)
  t.match(await call('reload'), { code: 3, stderr: /answered \d+, which is not the server|did not answer/ })
})

test('a server that hangs is given up, and one that breaks off is told apart', async t => {
  const { servers } = alone(t)
  const url = await answering(t, createServer(({ socket }) => { setImmediate(() => socket.destroy()) }))
  record(servers, { url })
  t.match(await call('reload'), { code: 3, stderr: /^the server of .* at http:\S+ did not answer \(ECONNRESET\): see what it does, or start it again\n$/ })
  const silent = createServer(() => {})
  t.teardown(() => silent.closeAllConnections())
  const one = { ...JSON.parse(readFileSync(join(servers, '0.json'), 'utf8')), url: await answering(t, silent), file: 'none' }
  await t.rejects(askAll([one], { command: 'status' }, 20), /did not answer \(within 20 ms\)/)
})

test('files that others may have made or read are refused', async t => {
  const { servers, at } = alone(t)
  const file = record(servers)
  chmodSync(file, 0o644)
  t.match(await call('reload'), { code: 3, stderr: `${file} is open to other users: remove it and start the server again\n` })
  chmodSync(file, 0o600)
  chmodSync(servers, 0o770)
  t.match(await call('reload'), { code: 3, stderr: `${servers} is open to other users: remove it and start the server again\n` })
  chmodSync(servers, 0o700)
  const getuid = process.getuid as () => number
  process.getuid = () => getuid() + 1
  t.teardown(() => { process.getuid = getuid })
  t.match(await call('reload'), { code: 3, stderr: `${servers} belongs to another user: have it removed, or set XDG_RUNTIME_DIR to a directory of your own\n` })
  process.getuid = getuid
  process.env.XDG_RUNTIME_DIR = at('linked')
  mkdirSync(at('linked'))
  symlinkSync(servers, at('linked/fastify-live-reload'))
  t.match(await call('reload'), { code: 3, stderr: /linked.* is open to other users/ })
})

test('without a runtime directory the file is in a directory of the user among the temporary ones', async t => {
  const { at } = alone(t)
  const { getuid } = process
  t.teardown(() => { process.getuid = getuid as () => number })
  for (const [directory, hasUsers] of [[at('nowhere'), true], [undefined, true], [undefined, false]] as const) {
    // As on Windows.
    if (!hasUsers) delete process.getuid
    const own = at(`tmp/fastify-live-reload-${hasUsers ? getuid?.() : 'user'}`)
    if (directory === undefined) delete process.env.XDG_RUNTIME_DIR
    else process.env.XDG_RUNTIME_DIR = directory
    const { app } = await startApp(t, { watch: 'views' })
    await written(own)
    t.match(await call('reload'), { code: 0 })
    await app.close()
    t.same(files(own), [])
  }
})

test('where no file can be written, the server runs and says it once', async t => {
  const { at, write } = alone(t)
  write('run/fastify-live-reload', 'in the way')
  write(`tmp/fastify-live-reload-${process.getuid?.() ?? 'user'}`, 'in the way')
  const { lines } = await startApp(t, { watch: 'views' })
  await until(() => lines.some(line => line.includes('the command line cannot find this server')), 'a warning')
  t.equal(lines.filter(line => line.includes(`cannot find this server: ${at('run/fastify-live-reload')}`)).length, 1)
})

test('a server that starts again in the same place takes the file over, and the one before leaves it', async t => {
  const { servers } = alone(t)
  const first = await startApp(t, { watch: 'views' })
  await written(servers)
  const file = join(servers, String(files(servers)[0]))
  const other = { ...JSON.parse(readFileSync(file, 'utf8')), epoch: 'newer' }
  writeFileSync(file, JSON.stringify(other))
  await first.app.close()
  t.match(JSON.parse(readFileSync(file, 'utf8')), { epoch: 'newer' })
})

test('off: no file, and nobody is found', async t => {
  const { at } = alone(t)
  await startApp(t, { enabled: false, watch: 'views' })
  t.match(await call('reload'), { code: 3, stderr: /^no server / })
  t.same(readdirSync(at('run')), ['.keep'])
})

test('servers of every kind are reached', async t => {
  const { servers, at } = alone(t)
  const kinds: Record<string, { server?: object, listen?: { path?: string, host?: string }, options?: LiveReloadOptions }> = {
    https: { server: { https } },
    'HTTP/2': { server: { http2: true } },
    'HTTP/2 with TLS': { server: { http2: true, https } },
    'HTTP/2 on ::1': { server: { http2: true }, listen: { host: '::1' } },
    'a Unix socket': { listen: { path: at('app.sock') } },
    'HTTP/2 on a Unix socket': { server: { http2: true }, listen: { path: at('two.sock') } },
    'HTTP/2 with TLS on a Unix socket': { server: { http2: true, https }, listen: { path: at('three.sock') } },
    'all addresses': { listen: { host: '0.0.0.0' } },
    'all addresses of IPv6': { listen: { host: '::' } },
    '::1': { listen: { host: '::1' } },
    'another path': { options: { path: '/dev/live' } }
  }
  for (const [name, { server = {}, listen = {}, options }] of Object.entries(kinds)) {
    const app = Fastify({ ...server, forceCloseConnections: true }) as unknown as FastifyInstance
    await app.register(liveReload, { watch: 'views', ...options })
    await app.listen({ ...listen.path === undefined && { port: 0 }, ...listen })
    await written(servers)
    t.match(await call('reload'), { code: 0, stdout: / -> no tab is open\n$/, stderr: '' }, name)
    t.match(JSON.parse((await call('reload', '--json')).stdout), [{ ...listen.path !== undefined && { socket: listen.path }, tabs: 0 }])
    await app.close()
  }
})

test('the route takes the token, a program of this machine, and known commands', async t => {
  alone(t)
  const { app } = await startApp(t, { watch: 'views', build: { name: 'odd', source: 'src', builder () {} } })
  const { token, epoch } = app.liveReload
  const post = (payload: unknown, more: object = {}) => app.inject({ method: 'POST', url: '/__live/command', headers: { host: 'localhost', 'content-type': 'application/json', 'x-live-reload-token': token }, payload: JSON.stringify(payload), ...more })
  t.match((await post({ command: 'status' })).json(), { epoch, status: { ok: true } })
  t.equal((await post({ command: 'status' }, { headers: { host: 'localhost', 'content-type': 'application/json' } })).statusCode, 403, 'without the token')
  const remote = await post({ command: 'build' }, { remoteAddress: '192.0.2.1' })
  t.match([remote.statusCode, remote.json()], [403, { message: 'only programs on the machine of the server may give commands' }])
  for (const wrong of [{}, { command: 'stop' }, { command: 'build', name: 1 }, { command: 'reload', paths: 'a' }, { command: 'reload', paths: [''] }, { command: 'reload', paths: ['\0'] }, { command: 'reload', urls: [1] }, null]) {
    const { statusCode, body } = await post(wrong)
    t.equal(statusCode, 400, body)
    t.match(JSON.parse(body), { epoch, message: /^expected \{ command: 'reload'/ })
  }
})
