// `plugins` with `enabled: false`: the same plugins in the same order, registered as they are.
import Fastify from 'fastify'
import { test, type Test } from 'tap'
import liveReload from '../../../lib/index.js'
import { discover } from '../../../lib/features/hot-plugins/plain/discover.js'
import { readPlugin } from '../../../lib/features/hot-plugins/plain/plugin-module.js'
import '../../../lib/features/hot-plugins/plain/register.js'
import { folder } from '../../support/folder.js'
import '../../support/preload.js'

const FILES = {
  'package.json': '{ "type": "module" }',
  'plugins/a.js': "export default async fastify => {\n  fastify.hot.provide('greeting', 'hello')\n  fastify.hot.events.on('ping', reply => reply('pong'))\n  fastify.get('/a', async () => 'a')\n}\n",
  'plugins/b/index.js': `export default async (fastify, { word }) => {
    const greeting = fastify.hot.use('greeting')
    const made = await fastify.hot.keep('made', () => 'made', () => { globalThis.disposed = (globalThis.disposed ?? 0) + 1 })
    fastify.get('/', async () => {
      let answer
      fastify.hot.events.emit('ping', text => { answer = text })
      return [greeting, word, made, answer, fastify.hot.name, fastify.hot.version, String(fastify.hot.reason)].join(' ')
    })
    fastify.addHook('onClose', async () => { globalThis.reason = fastify.hot.reason })
  }`,
  'plugins/c.cjs': "module.exports = async fastify => { fastify.get('/', async () => 'c') }\nmodule.exports.autoPrefix = '/c'\n",
  'plugins/d.js': "const plugin = async fastify => { fastify.decorate('d', 'd'); fastify.get('/d', async () => fastify.d) }\nplugin[Symbol.for('skip-override')] = true\nexport default plugin\n"
}

async function start (t: Test, enabled: boolean) {
  const { at } = folder(t, FILES)
  const app = Fastify()
  t.teardown(() => app.close())
  const urls: string[] = []
  app.addHook('onRoute', ({ method, url }) => { if (!url.startsWith('/__live')) urls.push(`${String(method)} ${url}`) })
  await app.register(liveReload, { enabled, plugins: { dir: at('plugins'), options: { word: 'option' } } })
  await app.ready()
  const text = async (url: string) => (await app.inject(url)).body
  return { app, urls, text }
}

test('enabled: false serves the same routes in the same order, with fastify.hot, state, services and events', async t => {
  const [off, on] = [await start(t, false), await start(t, true)]
  t.strictSame(off.urls, on.urls)
  for (const { text } of [off, on]) {
    t.strictSame(await Promise.all(['/a', '/b', '/c', '/d'].map(text)), ['a', 'hello option made pong b 1 undefined', 'c', 'd'])
  }
  for (const { app } of [off, on]) t.notOk(app.hasDecorator('d'), 'each has a scope of its own')
  const { plugins } = off.app.liveReload
  t.strictSame([plugins.list(), plugins.count, plugins.log, plugins.watching], [[], 0, [], false])
  await plugins.start()
  plugins.stop()
  await t.rejects(plugins.reload('a'), { code: 'FST_LIVE_RELOAD_NO_SUCH_PLUGIN' })
  for (const { app } of [off, on]) {
    Object.assign(globalThis, { disposed: 0, reason: undefined })
    await app.close()
    t.strictSame([Reflect.get(globalThis, 'disposed'), Reflect.get(globalThis, 'reason')], [1, 'close'])
  }
})

test('a plugin that fails makes the app fail, as any plugin does', async t => {
  const { at } = folder(t, { 'package.json': '{ "type": "module" }', 'plugins/a.js': "export default async () => { throw new Error('bad') }" })
  const app = Fastify()
  await t.rejects(async () => { await app.register(liveReload, { enabled: false, plugins: { dir: at('plugins') } }) }, { message: 'bad' })
  await app.close()
})

test('what a directory holds: names, prefixes, and what is left out', t => {
  const names = ['b.ts', 'a.js', 'a.ts', 'x/index.mjs', 'x/helper.js', 'y/one.cjs', 'y/two/index.mts', 'index.js', '_private.js', '.hidden.js', 'b.test.ts', 'c-test.js', 'c.spec.js', 'types.d.ts', 'types.d.mts', 'readme.md', 'node_modules/z/index.js', 'test/t.js']
  const { path, at } = folder(t, Object.fromEntries(names.map(name => [`plugins/${name}`, ''])))
  t.strictSame(discover(at('plugins')).map(({ name, file, prefix }) => [name, file.slice(path.length + 9), prefix]), [
    ['a', 'a.js', ''], ['b', 'b.ts', ''], ['index', 'index.js', ''], ['x', 'x/index.mjs', '/x'], ['y/one', 'y/one.cjs', '/y'], ['y/two', 'y/two/index.mts', '/y/two']
  ])
  t.strictSame(discover(at('missing')), [])
  t.strictSame(discover(at('plugins/a.js')), [])
  t.throws(() => discover('a\0b'), { code: 'ERR_INVALID_ARG_VALUE' })
  t.end()
})

test('what a file exports: a plugin, its prefix and its options', t => {
  const app = Fastify()
  const file = { name: 'x', file: '/x.js', prefix: '/x' }
  const plugin = () => {}
  const options = (namespace: Record<string, unknown>, given = {}) => readPlugin(file, namespace).optionsFor(app, given)
  t.strictSame(options({ default: plugin }), { prefix: '/x' })
  t.strictSame(options({ default: plugin, autoPrefix: '/own' }), { prefix: '/own' })
  t.strictSame(options({ default: plugin, autoPrefix: '/own', prefixOverride: '/over' }), { prefix: '/over' })
  t.strictSame(options({ default: plugin, autoPrefix: '/' }), {})
  t.strictSame(options({ default: plugin, autoConfig: { prefix: '/more', a: 1 } }, { a: 2 }), { prefix: '/x/more', a: 2 })
  t.strictSame(options({ default: plugin, autoConfig: (instance: unknown) => ({ same: instance === app }) }), { same: true, prefix: '/x' })
  t.strictSame(options({ default: Object.assign(() => {}, { autoPrefix: '/cjs' }) }), { prefix: '/cjs' })
  t.equal(readPlugin(file, { default: { default: plugin, __esModule: true, autoPrefix: '/es' } }).plugin, plugin)
  t.strictSame(options({ default: { default: plugin, autoPrefix: '/es' } }), { prefix: '/es' })
  t.strictSame(readPlugin(file, { default: plugin, meta: 5 }).meta, {})
  t.throws(() => readPlugin(file, {}), { code: 'FST_LIVE_RELOAD_INVALID_PLUGIN', message: 'live reload: /x.js must export a Fastify plugin as default, but exports undefined' })
  t.throws(() => readPlugin(file, { default: 5 }), { message: /exports 5$/ })
  t.throws(() => readPlugin(file, { default: plugin, autoPrefix: 5 }), { message: /must export `autoPrefix` as a text, but exports 5$/ })
  t.end()
})
