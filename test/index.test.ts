import { test } from 'tap'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import Fastify from 'fastify'
import liveReload, { errors, inProcess, liveReload as named } from '../lib/index.js'
import { liveApp } from './support/app.js'
import { folder } from './support/folder.js'
import { rawGet, rawUpgrade } from './support/raw.js'
import { until } from './support/wait.js'

const HTML = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'

test('one register embeds everything', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const { app, url } = await liveApp(t, { root: path })
  t.equal(liveReload, named)
  t.type(inProcess, 'function')
  t.ok(errors.FST_LIVE_RELOAD_DUPLICATE)
  const page = await (await fetch(url, { headers: { 'sec-fetch-dest': 'document' } })).text()
  const tag = /<script async src="(\/__live\/client\.js\?v=[\w-]+)" data-live-reload="([\w-]+:0)" data-token="[\w-]+"><\/script>/.exec(page)
  t.ok(tag, page)
  const client = await fetch(url + tag?.[1])
  t.match([client.status, client.headers.get('content-type')], [200, /javascript/])
  t.match(app.liveReload.status(), { ok: true, enabled: true, seq: 0, clients: 0, paused: false, watch: { state: 'ok', roots: [path], files: 1 }, builds: {} })
  t.equal(app.liveReload.status().epoch + ':0', tag?.[2])
  const health = await fetch(`${url}/__live/health`)
  t.equal(health.status, 200)
  t.match(await health.json(), { ok: true, watch: { state: 'ok' } })
  t.match(app.liveReload.tag(), /^<script async .*<\/script>$/)
})

test('what the app puts around its own JSON is not put around ours', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const { app, url } = await liveApp(t, { root: path }, {
    before: app => {
      app.addHook('preSerialization', async (_request, _reply, data) => ({ data }))
      app.get('/own', async () => ({ a: 1 }))
    }
  })
  t.same(await (await fetch(`${url}/own`)).json(), { data: { a: 1 } })
  for (const [route, expected] of [['health', { ok: true, enabled: true }], [`status?token=${app.liveReload.token}`, { type: 'status', ok: true }]] as const) {
    const answer = await fetch(`${url}/__live/${route}`)
    t.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8', route)
    t.match(await answer.json(), expected, route)
  }
})

test('why a request was refused is in the log, without its token', async t => {
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'debug', stream: { write: (line: string) => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(liveReload)
  t.equal((await app.inject({ url: '/__live/health?token=secret', headers: { host: 'evil.test' } })).statusCode, 403)
  const [line, ...more] = lines.filter(text => text.includes('evil.test')).map(text => JSON.parse(text))
  t.match(line, { level: 20, plugin: 'fastify-live-reload', msg: /evil\.test is not allowed.* \(GET \/__live\/health\)$/ })
  t.strictSame(more, [])
})

test('a registration that fails leaves nothing behind: the process ends by itself', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/*', () => 'mine')
  await t.rejects(async () => app.register(liveReload, { root: path, watch: path }), { code: 'FST_LIVE_RELOAD_DUPLICATE' })
  const script = `import Fastify from 'fastify'
    import liveReload from 'fastify-live-reload'
    const app = Fastify()
    app.get('/*', () => 'mine')
    await app.register(liveReload, { root: process.argv[1], watch: process.argv[1] }).then(() => {}, error => { process.exitCode = error.code === 'FST_LIVE_RELOAD_DUPLICATE' ? 7 : 8 })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], { stdio: 'ignore', env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'development' } })
  t.teardown(() => child.kill('SIGKILL'))
  await until(() => child.exitCode !== null, 'it has ended')
  t.equal(child.exitCode, 7)
})

test('registered twice: refused', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveReload)
  await t.rejects(async () => app.register(liveReload), { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /registered twice/ })
})

test('registered in a scope, then in the app around it: refused', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(async scope => { await scope.register(liveReload) }, { prefix: '/b' })
  await t.rejects(async () => app.register(liveReload), { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /registered in a scope already \(prefix \/b\), and now in the app around it/ })
})

test('after a registration that failed in a scope, the app may register it', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/b/*', () => 'mine')
  await app.register(async scope => { scope.register(liveReload, { root: path }).after(error => { t.match(error, { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /has a route/ }) }) }, { prefix: '/b' })
  await app.register(liveReload)
  await t.resolves(async () => { await app.ready() })
})

test('two scopes with the same final path: refused; with different ones, or in another app: fine', async t => {
  const start = async (...scopes: { prefix: string, path?: string, enabled?: boolean }[]) => {
    const app = Fastify()
    t.teardown(() => app.close())
    for (const { prefix, ...options } of scopes) app.register(async scope => { await scope.register(liveReload, options) }, { prefix })
    await app.ready()
  }
  const twice = { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /two scopes register the plugin with its routes at \/a\/b\/__live; give one of them another `path`/ }
  await t.rejects(start({ prefix: '/a/b' }, { prefix: '/a/b' }), twice)
  await t.rejects(start({ prefix: '/a/b' }, { prefix: '/a', path: '/b/__live' }), twice)
  await t.resolves(start({ prefix: '/a' }, { prefix: '/b' }, { prefix: '/a', path: '/other' }))
  await t.resolves(start({ prefix: '/a' }, { prefix: '/a', enabled: false }), 'one that is off has no routes')
})

test('wrong options fail at register', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => app.register(liveReload, { debonce: 5 } as never), { code: 'FST_LIVE_RELOAD_UNKNOWN_OPTION' })
})

/** How many files and directories this process watches, where the system tells. */
function watches (): number {
  if (process.platform !== 'linux') return 0
  return readdirSync('/proc/self/fdinfo').reduce((count, descriptor) => {
    try {
      return count + (readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1').match(/^inotify wd:/gm)?.length ?? 0)
    } catch {
      return count // closed meanwhile, as that of the directory read here
    }
  }, 0)
}

test('production: no script, no routes, no watcher; roots are served', async t => {
  const { path, write } = folder(t, { 'index.html': HTML })
  await until(() => watches() === 0, 'nothing is left of the tests before')
  const was = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  t.teardown(() => { if (was === undefined) delete process.env.NODE_ENV; else process.env.NODE_ENV = was })
  let hooks = 0
  const { app, port } = await liveApp(t, { root: path, build: { source: path, builder: () => { t.fail('builds in production') } } }, { before: app => { app.addHook('onRoute', route => { if (route.url.includes('__live')) hooks++ }) } })
  t.match(await rawGet(port, '/'), { status: 200, body: HTML })
  for (const route of ['client.js', 'socket', 'health']) t.equal((await rawGet(port, `/__live/${route}`)).status, 404, route)
  t.equal(hooks, 0)
  t.equal(app.server.listenerCount('upgrade'), 0)
  t.match([app.liveReload.enabled, app.liveReload.tag()], [false, ''])
  t.equal(watches(), 0)
  t.match(app.liveReload.status(), { ok: true, enabled: false, seq: 0, watch: { roots: [], files: 0 }, builds: {} })
  // Who looks at the same directory sees a change; by then this one would have, too.
  for (const event of ['change', 'send', 'build:start'] as const) app.liveReload.on(event, () => t.fail(event))
  const live = await liveApp(t, { root: path, enabled: true })
  if (process.platform === 'linux') t.ok(watches() > 0, 'and what watches can be seen')
  const seen = new Promise(resolve => live.app.liveReload.on('change', resolve))
  write('index.html', `${HTML}<!-- changed -->`)
  await seen
  t.match(app.liveReload.status(), { seq: 0, builds: {} })
})

test('foreign hosts get nothing that is ours', async t => {
  const { path } = folder(t, { 'index.html': HTML, 'app.js': '1' })
  const { port, app } = await liveApp(t, { root: path }, { after: app => { app.get('/own', (_, reply) => { reply.type('text/html').send(HTML) }) } })
  const evil = ['Host: evil.test', 'Sec-Fetch-Dest: document']
  for (const url of ['/__live/health', '/', '/app.js', '/__live/client.js']) {
    const reply = await rawGet(port, url, evil)
    t.equal(reply.status, 403, url)
    t.match(reply.body, /evil\.test is not allowed.*allowedHosts: \['evil\.test'\]/, `${url} names the option`)
    t.match(reply.head, /content-type: text\/plain/i)
  }
  t.match(await rawGet(port, '/own', evil), { status: 200, body: HTML }, "the app's own page is its own affair, but our token is not in it")
  t.match(await rawGet(port, '/__live/health', ['Host: evil.test', 'X-Forwarded-Host: localhost']), { status: 403 }, 'a header that the page itself may set')
  t.match(await rawGet(port, 'http://evil.test/__live/health', ['Host: localhost']), { status: 400 }, 'the absolute form')
  t.equal(app.liveReload.tag({ raw: { url: '/', headers: { host: 'evil.test' }, rawHeaders: ['Host', 'evil.test'] }, query: {} } as never), '')
  t.match(app.liveReload.tag({ raw: { url: '/', headers: { host: 'localhost' }, rawHeaders: ['Host', 'localhost'] }, query: {} } as never), /<script/)
})

test('cross-site requests', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const { port } = await liveApp(t, { root: path })
  for (const url of ['/__live/client.js', '/__live/health', '/__live/nothing']) {
    const reply = await rawGet(port, url, ['Host: localhost', 'Origin: http://evil.test'])
    t.equal(reply.status, url.endsWith('nothing') ? 404 : 403, url)
    t.notMatch(reply.head, /access-control/i, url)
  }
  const preflight = await rawGet(port, '/__live/client.js', ['Host: localhost', 'Origin: http://evil.test', 'Access-Control-Request-Method: GET'], 'OPTIONS')
  t.notMatch(preflight.head, /access-control/i, 'a preflight')
  const script = await rawGet(port, '/__live/client.js', ['Host: localhost', 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Dest: script'])
  t.equal(script.status, 403, 'a script elsewhere')
  t.match(script.head, /cross-origin-resource-policy: same-origin/i, 'a script elsewhere')
  const plain = await rawGet(port, '/__live/client.js')
  t.match(plain.head, /cross-origin-resource-policy: same-origin[\s\S]*x-content-type-options: nosniff|nosniff[\s\S]*cross-origin-resource-policy/i, 'whoever asks')
  t.match(plain.head, /referrer-policy: no-referrer/i, 'and no address of ours goes elsewhere')
  const page = await rawGet(port, '/', ['Host: localhost', 'Sec-Fetch-Dest: document'])
  const token = /data-token="([\w-]+)"/.exec(page.body)?.[1] as string
  t.ok(token)
  t.notOk(plain.body.includes(token), 'no secret in the script')
  t.equal((await rawUpgrade(port, `/__live/socket?token=${token}`, ['Host: localhost', 'Origin: https://proxied.test'])).status, 101)
  t.equal((await rawGet(port, '/__live/health', ['Host: localhost'])).status, 200, 'no browser at all')
  t.equal((await rawGet(port, '/__live/open?file=/etc/passwd', ['Host: localhost'])).status, 404, 'a GET triggers nothing')
})

test('a name given to listen has to be in security.allowedHosts', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const name = hostname().toLowerCase()
  for (const [allowedHosts, status] of [[[], 403], [[name], 200]] as const) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(liveReload, { root: path, security: { allowedHosts } })
    await app.listen({ port: 0, host: name })
    const { address, port } = app.addresses()[0] as AddressInfo
    t.equal(await new Promise(resolve => request({ host: address, port, path: '/', headers: { host: `${name}:${port}` } }, reply => { reply.resume(); resolve(reply.statusCode) }).end()), status)
  }
})

test('inside a prefix', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(async scope => { await scope.register(liveReload, { root: path, path: '/live' }) }, { prefix: '/site' })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const page = await (await fetch(`${url}/site/`, { headers: { 'sec-fetch-dest': 'document' } })).text()
  t.match(page, /src="\/site\/live\/client\.js/)
  t.equal((await rawUpgrade(Number(new URL(url).port), '/site/live/socket')).status, 101)
})

test('verbs: reload, pause, resume, build, connections, events', async t => {
  const { path, write } = folder(t, { 'index.html': HTML, 'src/a.md': 'a' })
  const { app, tab } = await liveApp(t, { watch: `${path}/views`, root: `${path}/out`, build: { name: 'site', source: `${path}/src`, builder: async () => { write('out/index.html', HTML) } } })
  const seen: string[] = []
  const undo = app.liveReload.on('send', ({ message }) => { seen.push(message.type) })
  app.liveReload.on('applied', ({ seq, transport }) => { seen.push(`applied ${seq} ${transport}`) })
  const { got, socket, reloads } = await tab()
  t.match(got[0], { type: 'hello', build: { state: 'ok', name: 'site' }, client: { debounce: 0, hidden: 'wait' } })
  t.match([app.liveReload.clients, app.liveReload.connections()], [1, [{ transport: 'ws' }]])
  app.liveReload.reload()
  app.liveReload.reload([process.cwd(), 'by hand'])
  await until(() => reloads() === 2, 'two reloads')
  t.match(got.at(-1), { type: 'reload', paths: ['.', 'by hand'] })
  socket.send(JSON.stringify({ type: 'applied', seq: 2, kind: 'reload', ms: 3 }))
  await until(() => seen.includes('applied 2 ws'), 'acknowledged')
  t.match(await app.liveReload.build('site'), [{ ok: true }])
  t.match(await app.liveReload.build(), [{ ok: true }])
  await t.rejects(app.liveReload.build('other'), { code: 'FST_LIVE_RELOAD_NO_SUCH_BUILD', message: /other; known are site/ })
  app.liveReload.pause()
  t.equal(app.liveReload.status().paused, true)
  const before = reloads()
  write('out/index.html', `${HTML}<!-- by hand -->`)
  await new Promise<void>(resolve => { app.liveReload.on('change', () => resolve()) })
  t.equal(reloads(), before, 'gathered')
  app.liveReload.resume()
  await until(() => reloads() === before + 1, 'told')
  undo()
  const count = seen.length
  app.liveReload.reload()
  await until(() => reloads() === before + 2, 'once more')
  t.equal(seen.length, count, 'undone')
})

test('without builds: unknown names say so', async t => {
  const { app } = await liveApp(t, {})
  await t.rejects(app.liveReload.build('x'), { message: /known are none/ })
  t.match(app.liveReload.status(), { ok: true, watch: { state: 'ok', roots: [] } })
})

test('close before ready, twice, and in parallel', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const app = Fastify()
  await app.register(liveReload, { root: path })
  await Promise.all([app.close(), app.close()])
  await app.liveReload.ready
  const started = Fastify()
  await started.register(liveReload, { root: path })
  await started.ready()
  await started.close()
  t.pass('both settled')
})

test('"force fallback" of the status page reaches every tab', async t => {
  const { app, url, tab } = await liveApp(t, {})
  const { got } = await tab()
  const token = /data-token="([^"]+)"/.exec(app.liveReload.tag())?.[1] as string
  const ask = (query: string) => fetch(`${url}/__live/control${query}`, { method: 'POST', body: '{"action":"transport","transport":"sse"}', headers: { 'content-type': 'application/json' } })
  t.equal((await ask('')).status, 403, 'not without the token')
  t.equal((await ask(`?token=${token}`)).status, 204)
  await until(() => got.length === 2, 'told')
  t.strictSame(got[1], { type: 'reconnect', transport: 'sse' })
})

test('app.close() ends open and frozen sockets', async t => {
  const { path } = folder(t, { 'index.html': HTML })
  const { app, tab } = await liveApp(t, { root: path }, { server: { forceCloseConnections: false } as never })
  const tabs = await Promise.all(Array.from({ length: 100 }, () => tab()))
  // Half of them never read again: their close frame is never answered.
  for (const { socket } of tabs.slice(0, 50)) socket.pause()
  const closing = tabs.slice(50).map(({ got, socket }) => new Promise(resolve => socket.on('close', code => resolve([got.at(-1)?.type, code]))))
  const start = performance.now()
  await app.close()
  const took = performance.now() - start
  t.comment(`closed 100 sockets in ${Math.round(took)} ms`)
  t.ok(took < 10_000, 'long before the 30 s that ws waits')
  for (const end of await Promise.all(closing)) t.same(end, ['closing', 1001])
  t.equal(app.liveReload.clients, 0)
})
