// `app.liveReload` as an app's own plugins use it.
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { test, type Test } from 'tap'
import liveReload from '../../lib/index.js'
import type { LiveReloadEvents } from '../../types/events.js'
import type { ServerMessage } from '../../types/message.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { folder } from '../support/folder.js'
import '../support/preload.js'
import { until } from '../support/wait.js'

const HTML = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const page = { 'sec-fetch-dest': 'document' }

async function start (t: Test, options: LiveReloadOptions = {}, before?: (app: FastifyInstance) => unknown) {
  const lines: string[] = []
  const app: FastifyInstance = Fastify({ logger: { level: 'info', stream: { write: line => { lines.push(line) } } } })
  t.teardown(() => app.close())
  await app.register(liveReload, options)
  await before?.(app)
  app.get('/', (_request, reply) => reply.type('text/html').send(HTML))
  await app.ready()
  await app.liveReload.ready
  const sent: ServerMessage[] = []
  app.liveReload.on('send', ({ message }) => { sent.push(message) })
  return { app, live: app.liveReload, lines, sent, html: async () => (await app.inject({ url: '/', headers: page })).body }
}

test('watch: a listener hears of changes below its paths, tabs do not, until the undo', async t => {
  const { path, write } = folder(t, { 'locales/en.json': '{}', 'locales/skip.txt': '', 'locales/other.md': '' })
  const { live, lines, sent } = await start(t)
  const got: string[] = []
  const events: LiveReloadEvents['change'][] = []
  live.on('change', event => { events.push(event) })
  const undo = live.watch(`${path}/locales`, async changes => {
    for (const change of changes) got.push(change.path)
    throw new Error('bad listener')
  }, { include: ['*.json', '*.txt'], ignore: ['**/*.txt'], gitignore: false, debounce: 0 })
  await until(() => live.status().watch.roots.length === 1 && live.status().watch.files > 0, 'it watches')
  write('locales/skip.txt', 'x')
  write('locales/other.md', 'x')
  write('locales/en.json', '{"a":1}')
  await until(() => got.length === 1, 'the change')
  t.same(got, [`${path}/locales/en.json`])
  t.match(events, [{ source: 'plugin', changes: [{ type: 'update' }] }])
  await until(() => lines.some(line => line.includes('bad listener')), 'a rejection is logged')
  undo()
  undo()
  t.same(live.status().watch.roots, [])
  t.same(sent, [])
})

test('watch: wrong arguments are coded errors that name the argument', async t => {
  const { live } = await start(t)
  const wrong: [args: unknown[], code: string, message: RegExp][] = [
    [[[], () => {}], 'INVALID_OPTION', /`watch\(paths\)` must be one path or more/],
    [[5, () => {}], 'INVALID_OPTION', /`watch\(paths\)` must be a path/],
    [['a', 'b'], 'INVALID_OPTION', /`watch\(listener\)` must be a function/],
    [['a', () => {}, { ignore: [5] }], 'INVALID_OPTION', /`watch\(options\)\.ignore\[0\]`/],
    [['a', () => {}, { include: ['!x'] }], 'INVALID_OPTION', /`watch\(options\)\.include\[0\]`/],
    [['a', () => {}, { debounce: -1 }], 'INVALID_OPTION', /`watch\(options\)\.debounce`/],
    [['a', () => {}, { poll: true }], 'UNKNOWN_OPTION', /`watch\(options\)\.poll`/]
  ]
  for (const [args, code, message] of wrong) t.throws(() => Reflect.apply(live.watch, live, args), { code: `FST_LIVE_RELOAD_${code}`, message }, String(message))
})

test('transform: a transformer runs behind those of the options, until its undo', async t => {
  const { live, html } = await start(t, { transform: [html => html.replace('hello', 'hello one')] })
  t.throws(() => live.transform('html' as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`transform\(transformer\)`/ })
  const add = (html: string) => html.replace('one', 'one two')
  const undos = [live.transform(add), live.transform(html => html.replace('two', 'two three'))]
  t.match(await html(), '<body>hello one two three</body>')
  undos[0]?.()
  undos[0]?.()
  t.match(await html(), '<body>hello one</body>')
  live.transform(async () => { throw new Error('bad transformer') })
  t.match(await html(), '<body>hello one</body>', 'one that rejects is left out')
})

test('transform: works with inject: false, and without transformers in the options', async t => {
  const { live, html } = await start(t, { inject: false })
  t.equal(await html(), HTML)
  const undo = live.transform(html => html.replace('hello', 'changed'))
  t.match(await html(), 'changed')
  undo()
  t.equal(await html(), HTML)
})

test('send: every tab gets the event, with a copy of its data', async t => {
  const { live, sent } = await start(t)
  const data = { lang: 'en' }
  live.send('translations', data)
  data.lang = 'changed later'
  live.send('ping')
  live.send('null', null)
  t.strictSame(sent, [{ type: 'custom', event: 'translations', data: { lang: 'en' } }, { type: 'custom', event: 'ping' }, { type: 'custom', event: 'null', data: null }])
})

test('send: a reserved or empty name, and data that is not JSON or too large, are refused', async t => {
  const { live, sent } = await start(t)
  const loop: Record<string, unknown> = {}
  loop.self = loop
  const wrong: [event: unknown, data: unknown, message: RegExp][] = [
    ...['reload', 'update', 'build', 'fallback', 'state', 'message'].map((name): [string, undefined, RegExp] => [name, undefined, /the client has an event of this name/]),
    ['', 1, /must be a text that is not empty/], [5, 1, /must be a text/],
    ['a', loop, /not JSON/], ['a', () => {}, /not JSON/], ['a', 1n, /not JSON/],
    ['a', 'ü'.repeat(128 * 1024), /more than 262144 bytes/]
  ]
  for (const [event, data, message] of wrong) t.throws(() => live.send(event as string, data), { code: 'FST_LIVE_RELOAD_INVALID_EVENT', message }, String(event))
  live.send('a', 'x'.repeat(256 * 1024 - 2))
  t.equal(sent.length, 1, 'exactly the limit is sent')
})

test('reload: all tabs, or those that show one of urls; update: a style sheet in place, another file by a reload', async t => {
  const { path } = folder(t, { 'public/a.css': 'a {}', 'public/a.js': '1' })
  const { live, sent } = await start(t, { root: `${path}/public` })
  live.reload()
  live.reload([`${process.cwd()}/x.txt`])
  live.reload({ urls: ['/blog/'], paths: ['by hand'] })
  live.update(`${path}/public/a.css`)
  live.update([`${path}/public/a.js`])
  t.match(sent, [
    { type: 'reload', seq: 1 }, { type: 'reload', seq: 2, paths: ['x.txt'] }, { type: 'reload', seq: 3, paths: ['by hand'], urls: ['/blog/'] },
    { type: 'update', seq: 4, updates: [{ kind: 'css', path: '/a.css' }] }, { type: 'reload', seq: 5, files: ['/a.js'] }
  ])
  live.reconnect()
  live.reconnect('sse')
  t.strictSame(sent.slice(5), [{ type: 'reconnect' }, { type: 'reconnect', transport: 'sse' }])
})

test('reload, update: wrong arguments are coded errors that name the argument, and nothing is sent', async t => {
  const { live, sent } = await start(t)
  const wrong: [call: 'reload' | 'update', arg: unknown, code: string, message: RegExp][] = [
    ['reload', 5, 'INVALID_OPTION', /`reload\(target\)` must be a list of paths or \{ paths\?, urls\? \}, got 5/],
    ['reload', null, 'INVALID_OPTION', /`reload\(target\)`/],
    ['reload', 'a.css', 'INVALID_OPTION', /`reload\(target\)`/],
    ['reload', [1], 'INVALID_OPTION', /`reload\(paths\)\[0\]` must be a path, got 1/],
    ['reload', { paths: [null] }, 'INVALID_OPTION', /`reload\(target\)\.paths\[0\]` must be a path, got null/],
    ['reload', { paths: 'a' }, 'INVALID_OPTION', /`reload\(target\)\.paths` must be a list of paths/],
    ['reload', { urls: '/a' }, 'INVALID_OPTION', /`reload\(target\)\.urls` must be a list of URL paths/],
    ['reload', { urls: ['/a', 1] }, 'INVALID_OPTION', /`reload\(target\)\.urls\[1\]` must be a URL path such as "\/blog\/", got 1/],
    ['reload', { urls: ['http://localhost/a'] }, 'INVALID_OPTION', /`reload\(target\)\.urls\[0\]`/],
    ['reload', { url: '/a' }, 'UNKNOWN_OPTION', /`reload\(target\)\.url`; known are paths, urls/],
    ['update', undefined, 'INVALID_OPTION', /`update\(paths\)` must be a path/],
    ['update', ['a', 123], 'INVALID_OPTION', /`update\(paths\)\[1\]` must be a path.*got 123/]
  ]
  for (const [call, arg, code, message] of wrong) t.throws(() => Reflect.apply(live[call], live, [arg]), { code: `FST_LIVE_RELOAD_${code}`, message }, String(message))
  live.update([])
  t.strictSame(sent, [])
})

test('reload: urls are compared as pages have them, encoded', async t => {
  const { live, sent } = await start(t)
  live.reload({ urls: ['/urls/ü', '/urls/%C3%BC', '/a b/', '//x/y', '/50%', '/a/[id]'] })
  t.match(sent, [{ type: 'reload', urls: ['/urls/%C3%BC', '/urls/%C3%BC', '/a%20b/', '//x/y', '/50%', '/a/[id]'] }])
})

test('routes: below the path, behind the gate, never injected into, and with a token where they change something', async t => {
  const { live, app } = await start(t, {}, app => {
    app.liveReload.routes(async scope => { scope.get('/mine', (_request, reply) => reply.type('text/html').send(HTML)) })
    app.register(async child => child.liveReload.routes(scope => { scope.post('/change', () => 'changed') }, { access: 'token' }))
  })
  t.match(await app.inject({ url: '/__live/mine', headers: page }), { statusCode: 200, body: HTML, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } })
  t.equal((await app.inject({ url: '/__live/mine', headers: { host: 'evil.test' } })).statusCode, 403)
  const change = (query: string, headers = {}) => app.inject({ method: 'POST', url: `/__live/change${query}`, headers })
  t.equal((await change('')).statusCode, 403)
  t.equal((await change(`?token=${live.token}`, { 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  t.match(await change(`?token=${live.token}`), { statusCode: 200, body: 'changed' })
  t.match([live.path, live.epoch, live.allows({ raw: { url: '/', headers: { host: 'evil.test' }, rawHeaders: [] }, query: {} } as never)], ['/__live', /^[\w-]+$/, false])
})

test('routes: refused in a scope with a prefix of its own, where no page would find them', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveReload)
  t.match(app.liveReload.tag(), /^<script async .*<\/script>$/, 'there is a tag before the app is ready')
  app.register(async scope => { scope.liveReload.routes(() => {}) }, { prefix: '/admin' })
  await t.rejects(async () => { await app.ready() }, { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`routes\(\)` must be called from a scope without a prefix of its own, got \/admin/ })
})

test('what a scope adds ends when it closes; what is added after the start ends with the app', async t => {
  const { path } = folder(t, { 'a.txt': '' })
  const app = Fastify()
  await app.register(liveReload)
  const got: string[] = []
  await app.register(fp(async instance => { instance.liveReload.on('send', () => { got.push('app') }) }))
  app.register(async scope => {
    t.not(scope.liveReload, app.liveReload, 'a view of its own')
    t.equal(scope.liveReload, scope.liveReload, 'one for each scope')
    scope.liveReload.on('send', () => { got.push('child') })
    scope.liveReload.watch(path, () => {})
  })
  let idle: FastifyInstance | undefined
  app.register(async scope => { idle = scope })
  await app.ready()
  app.liveReload.on('send', () => { got.push('late') })
  const undo = idle?.liveReload.on('send', () => { got.push('first use after the start') })
  app.liveReload.send('open')
  t.same(got.splice(0), ['app', 'child', 'late', 'first use after the start'])
  undo?.()
  await app.close()
  app.liveReload.send('closed')
  t.same(got, [], 'no listener is left')
  t.same(app.liveReload.status().watch.roots, [])
})

test('report: problems of a plugin are those of a build until they are taken back', async t => {
  const { live, sent } = await start(t)
  const problem = { severity: 'error', message: 'no such word' } as const
  const undo = live.report('words', [problem])
  t.match(live.status(), { ok: true, builds: { words: { state: 'failed', diagnostics: [problem] } } })
  const second = live.report('words', [{ ...problem, message: 'another' }])
  undo()
  t.match(live.status().builds, { words: { diagnostics: [{ message: 'another' }] } }, 'an undo takes back its own report only')
  second()
  second()
  t.strictSame(live.status().builds, {})
  live.report('words', [problem])
  live.report('words', [])()
  live.report('words', [])
  t.match(sent, ['failed', 'failed', 'ok', 'failed', 'ok'].map(state => ({ type: 'build', name: 'words', state })))
  t.equal(sent.length, 5)
})

test('report: ends with the scope that made it', async t => {
  const { app, live } = await start(t, {}, app => app.register(async scope => { scope.liveReload.report('scope', [{ severity: 'error', message: 'x' }]) }))
  t.match(live.status().builds, { scope: { state: 'failed' } })
  await app.close()
  t.strictSame(live.status().builds, {})
})

test('emit: listeners hear it; extend: every scope has the member, once', async t => {
  const seen: unknown[] = []
  let inner: FastifyInstance | undefined
  const { app, live } = await start(t, {}, app => app.register(async scope => { inner = scope }))
  live.on('error', ({ error }) => { seen.push(error) })
  const error = new Error('x')
  live.emit('error', { error })
  t.strictSame(seen, [error])
  t.equal(live.plugins.count, 0)
  const mine = { ...live.plugins, count: 5 }
  live.extend('plugins', mine)
  t.equal(inner?.liveReload.plugins, mine)
  t.throws(() => app.liveReload.extend('plugins', mine), { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /app\.liveReload\.plugins exists/ })
  t.throws(() => app.liveReload.extend('reload' as never, mine as never), { code: 'FST_LIVE_RELOAD_DUPLICATE' })
})
