// `app.liveReload.plugins`, and what is told about hot plugins elsewhere.
import { once } from 'node:events'
import { test } from 'tap'
import { WebSocket } from 'ws'
import { errors } from '../../../lib/errors.js'
import { loadEsbuild } from '../../../lib/features/hot-plugins/load/esbuild.js'
import { Queue } from '../../../lib/features/hot-plugins/manager/queue.js'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'
import { plugin, startHot } from './support.js'

test('reload, disable and enable by name', async t => {
  const { get, app, files, messages } = await startHot(t, { 'plugins/a.js': plugin('/a', 'a', "  fastify.get('/v', async () => fastify.hot.version)") })
  const { plugins } = app.liveReload
  t.equal(await plugins.reload('a'), true)
  t.equal(await get('/v'), '200 2')
  await plugins.disable('a')
  t.match(await get('/a'), /^404 .*Route GET:\/a not found/)
  t.match(plugins.list(), [{ enabled: false, serving: false, version: 0, routes: [] }])
  t.equal(await plugins.reload('a'), true, 'a plugin that is off stays off')
  t.match(plugins.list(), [{ serving: false }])
  await plugins.disable('a')
  t.equal(await plugins.enable('a'), true)
  t.equal(await plugins.enable('a'), true)
  t.equal(await get('/a'), '200 a')
  files.write('plugins/a.js', 'export default 5\n')
  await plugins.disable('a')
  t.equal(await plugins.enable('a'), false, 'its newest code fails')
  await plugins.disable('a')
  t.strictSame(app.liveReload.status().builds, {}, 'what is off has no problem')
  for (const act of ['reload', 'enable', 'disable'] as const) await t.rejects(async () => { await plugins[act]('b') }, { code: 'FST_LIVE_RELOAD_NO_SUCH_PLUGIN', message: 'live reload: there is no hot plugin named "b"; known are a' })
  t.ok(messages().includes('disabled a'))
  t.strictSame(plugins.log.map(({ event }) => event).slice(0, 4), ['loaded', 'reloaded', 'disabled', 'loaded'])
})

test('stop and start: plugins go on serving, and what changed meanwhile is reloaded', async t => {
  const { get, app, files, after } = await startHot(t, { 'plugins/a.js': plugin('/a', 'one'), 'plugins/b.js': plugin('/b', 'b') })
  const { plugins } = app.liveReload
  t.ok(plugins.watching)
  await plugins.start()
  await until(() => app.liveReload.status().watch.files === 2, 'watched')
  plugins.stop()
  plugins.stop()
  t.notOk(plugins.watching)
  files.write('plugins/a.js', plugin('/a', 'two two'))
  t.equal(await get('/a'), '200 one')
  await plugins.start()
  t.strictSame([await get('/a'), plugins.list()[0]?.version, plugins.list()[1]?.version], ['200 two two', 2, 1])
  await after('plugin:reload', () => files.write('plugins/a.js', plugin('/a', 'three')))
  t.equal(await get('/a'), '200 three')
  await app.close()
  await plugins.start()
  t.notOk(plugins.watching, 'a closed app watches nothing')
})

test('watch: false loads and does not watch; history bounds the log', async t => {
  const { get, app, files } = await startHot(t, { 'plugins/a.js': plugin('/a', 'one') }, { watch: false, history: 2 })
  const { plugins } = app.liveReload
  t.strictSame([await get('/a'), plugins.watching, app.liveReload.status().watch.roots], ['200 one', false, []])
  files.write('plugins/a.js', plugin('/a', 'two'))
  t.ok(await plugins.reload('a'))
  t.equal(await get('/a'), '200 two')
  await plugins.reload('a')
  t.strictSame(plugins.log.map(({ version }) => version), [2, 3])
  const none = await startHot(t, { 'plugins/a.js': plugin('/a', 'one') }, { history: 0 })
  t.strictSame(none.app.liveReload.plugins.log, [])
})

test('several directories, options for each, names that are taken, and files that are external', async t => {
  const files = folder(t, {
    'package.json': '{ "type": "module" }',
    'plugins/a.js': "import { db } from '../db.js'\nexport default async (fastify, { word }) => { fastify.get('/a', async () => word + db) }\n",
    'more/a.js': "export default async (fastify, { word }) => { fastify.get('/more', async () => word) }\n",
    'db.js': "export const db = 'db'\n"
  })
  const second = await startHot(t, {}, {}, {
    plugins: [{ dir: files.at('plugins'), options: { word: 'first ' }, external: [files.at('db.js')] }, { dir: files.at('more'), options: { word: 'second' } }]
  })
  t.strictSame([await second.get('/a'), await second.get('/more')], ['200 first db', '200 second'])
  t.strictSame(second.app.liveReload.plugins.list().map(({ name }) => name), ['a', 'more/a'])
  await until(() => second.app.liveReload.status().watch.files === 3, 'watched')
  files.write('db.js', "export const db = 'other'\n")
  await until(() => second.messages().some(message => message.includes('db.js changed and is external: restart the process to load it')), 'the warning')
  await second.after('plugin:reload', () => files.write('more/a.js', "export default async fastify => { fastify.get('/more', async () => 'changed') }\n"))
  t.strictSame([await second.get('/a'), await second.get('/more')], ['200 first db', '200 changed'])
})

test('only tabs that used the plugin reload', async t => {
  const html = (text: string) => `export default async fastify => {
    fastify.get('/page', (request, reply) => reply.type('text/html').send('<!doctype html><html><head></head><body>${text}</body></html>'))
    fastify.get('/data', async () => '${text}')
  }\n`
  const { app, files, after, request } = await startHot(t, { 'plugins/a.js': html('one') })
  const sent: unknown[] = []
  app.liveReload.on('send', ({ message }) => { sent.push(message) })
  await after('plugin:reload', () => files.write('plugins/a.js', html('two')))
  t.strictSame(sent, [], 'nobody has used it')
  await request('/page?a=1', { headers: { Accept: 'text/html' } })
  await request('/page', { headers: { 'Sec-Fetch-Dest': 'document' } })
  await request('/data', { headers: { Referer: 'http://localhost/list?x', 'Sec-Fetch-Dest': 'empty' } })
  await request('/data', { headers: { Referer: 'http://[' } })
  await request('/data')
  const event = await after('plugin:reload', () => files.write('plugins/a.js', html('three')))
  t.strictSame(event.urls, ['/page', '/list'])
  t.match(sent, [{ type: 'reload', urls: ['/page', '/list'] }])
  for (let i = 0; i < 600; i++) await app.inject({ url: `/page?${i}`, headers: { accept: 'text/html' } })
  const many = await after('plugin:reload', () => files.write('plugins/a.js', html('four')))
  t.notOk('urls' in many, 'with too many, every tab reloads')
  t.notOk('urls' in (sent.at(-1) as object))
})

test('long requests end on the version they began on, and drainTimeout bounds the wait', async t => {
  const slow = (text: string) => `export default async fastify => {
    fastify.get('/slow', async () => { await new Promise(resolve => setTimeout(resolve, 250)); return '${text}' })
    fastify.addHook('onClose', async () => report('closed ${text}'))
  }\n`
  const closed: string[] = []
  Object.assign(globalThis, { report: (text: string) => { closed.push(text) } })
  const { get, app, files, after } = await startHot(t, { 'plugins/a.js': slow('one') })
  const first = get('/slow')
  await until(() => app.liveReload.plugins.list()[0]?.inFlight === 1, 'it has begun')
  await after('plugin:reload', () => files.write('plugins/a.js', slow('two')))
  t.strictSame([closed, app.liveReload.plugins.list()[0]?.inFlight], [[], 1], 'it goes on')
  t.equal(await first, '200 one')
  await until(() => closed.length === 1, 'then its version ends')
  t.equal(await get('/slow'), '200 two')
  const bounded = await startHot(t, { 'plugins/a.js': slow('three') }, { drainTimeout: 20 })
  const late = bounded.get('/slow')
  await until(() => bounded.app.liveReload.plugins.list()[0]?.inFlight === 1, 'it has begun')
  await bounded.after('plugin:reload', () => bounded.files.write('plugins/a.js', slow('four')))
  await until(() => closed.includes('closed three'), 'it is closed')
  t.equal(await late, '200 three', 'and answers none the less')
})

test('an open WebSocket stays with the version it was opened on; a new one gets the new version', async t => {
  const echo = (text: string) => `import websocket from ${JSON.stringify(import.meta.resolve('@fastify/websocket'))}
export default async fastify => {
  fastify.get('/socket', { websocket: true }, socket => { socket.on('message', data => socket.send('${text} ' + data)) })
}\n`
  const { default: websocket } = await import('@fastify/websocket')
  const { port, files, after } = await startHot(t, { 'plugins/a.js': echo('one') }, { drainTimeout: 0 }, {}, { before: app => app.register(websocket) })
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`)
    t.teardown(() => socket.terminate())
    await once(socket, 'open')
    return async () => {
      socket.send('x')
      const [data] = await once(socket, 'message') as [Buffer]
      return String(data)
    }
  }
  const old = await open()
  t.equal(await old(), 'one x')
  await after('plugin:reload', () => files.write('plugins/a.js', echo('two')))
  const young = await open()
  t.strictSame([await old(), await young()], ['one x', 'two x'])
})

test('without esbuild the registration fails with what to install', async t => {
  await t.rejects(loadEsbuild(async () => { throw new Error('Cannot find package\nmore') }), { code: 'FST_LIVE_RELOAD_NO_ESBUILD', message: /npm install --save-dev esbuild \(Cannot find package\)$/ })
  await t.rejects(loadEsbuild(() => Promise.reject('odd' as never)), errors.FST_LIVE_RELOAD_NO_ESBUILD) // eslint-disable-line prefer-promise-reject-errors
  await t.rejects(loadEsbuild(async () => ({ version: '0.19.12' }) as never), { code: 'FST_LIVE_RELOAD_NO_ESBUILD', message: /needs esbuild 0\.20 or newer.*\(found 0\.19\.12\)$/ })
})

test('jobs run one after the other, also after one that failed', async t => {
  const queue = new Queue()
  const order: number[] = []
  const slow = queue.add(async () => { await new Promise(resolve => setImmediate(resolve)); order.push(1); throw new Error('x') })
  const fast = queue.add(async () => { order.push(2) })
  await t.rejects(slow, { message: 'x' })
  await fast
  await queue.idle()
  t.strictSame(order, [1, 2])
})

test('disable and reload before the app is ready', async t => {
  const source = plugin('/a', 'one', "  fastify.get('/v', async () => 'v' + fastify.hot.version)")
  const off = await startHot(t, { 'plugins/a.js': source }, {}, {}, { after: app => app.liveReload.plugins.disable('a') })
  t.match(await off.get('/a'), /^404 /)
  t.match(off.app.liveReload.plugins.list(), [{ enabled: false, serving: false, version: 0 }])
  t.ok(await off.app.liveReload.plugins.enable('a'))
  t.equal(await off.get('/a'), '200 one')
  const project = folder(t, { 'package.json': '{ "type": "module" }', 'plugins/a.js': source })
  const again = await startHot(t, {}, { dir: project.at('plugins') }, {}, {
    after: async app => {
      project.write('plugins/a.js', source.replace('one', 'two'))
      t.ok(await app.liveReload.plugins.reload('a'))
      app.addHook('onRequest', async (_request, reply) => { reply.header('x-late', 'yes') })
    }
  })
  t.equal(await again.get('/a'), '200 two')
  await until(async () => (await again.request('/a')).headers['x-late'] === 'yes', 'with what the app was given later')
})
