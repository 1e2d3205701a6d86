// Hot plugins on real files: what an edit, a new file and a removed one do while the app serves.
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { test } from 'tap'
import { folder } from '../../support/folder.js'
import { until } from '../../support/wait.js'
import { plugin, startHot } from './support.js'

test('an edited plugin answers with its new code, and keeps its data', async t => {
  const counting = (text: string) => plugin('/a', text, "  fastify.get('/count', async () => String(fastify.hot.data.n = (fastify.hot.data.n ?? 0) + 1))")
  const { get, after, files, messages, app } = await startHot(t, { 'plugins/a.js': counting('one') })
  t.strictSame([await get('/a'), await get('/count')], ['200 one', '200 1'])
  const event = await after('plugin:reload', () => files.write('plugins/a.js', counting('two')))
  t.strictSame([await get('/a'), await get('/count')], ['200 two', '200 2'])
  t.match(event, { name: 'a', version: 2, urls: [] })
  t.match(event.changed, [files.at('plugins/a.js')])
  t.match(messages().filter(line => /^reload/.test(line)), ['reloading a', /^reloaded a v2 in \d+ ms$/])
  t.match(app.liveReload.plugins.list(), [{ name: 'a', file: files.at('plugins/a.js'), version: 2, reloads: 1, enabled: true, serving: true, inFlight: 0, routes: ['GET /a', 'HEAD /a', 'GET /count', 'HEAD /count'] }])
  t.equal(app.liveReload.plugins.count, 1)
  t.match(app.liveReload.plugins.log, [{ event: 'loaded', version: 1 }, { event: 'reloaded', version: 2, name: 'a' }])
})

test('a helper that is imported, in the directory or outside of it, reloads those that import it and no others', async t => {
  const importing = (from: string) => `import { word } from '${from}'\nexport default async fastify => { fastify.get('/' + fastify.hot.name, async () => word + fastify.hot.version) }\n`
  const { get, after, files, app } = await startHot(t, {
    'plugins/a.js': importing('../lib/word.js'),
    'plugins/b.js': importing('./_deep.js'),
    'plugins/c.js': importing('./_own.js'),
    'plugins/_deep.js': "export * from '../lib/word.js'\n",
    'plugins/_own.js': "export const word = 'own'\n",
    'lib/word.js': "export const word = 'one'\n"
  })
  t.strictSame(await Promise.all(['/a', '/b', '/c'].map(get)), ['200 one1', '200 one1', '200 own1'])
  await until(() => app.liveReload.status().watch.files === 6, 'all files are watched')
  await after('plugin:reload', () => files.write('lib/word.js', "export const word = 'two'\n"), 'b')
  t.strictSame(await Promise.all(['/a', '/b', '/c'].map(get)), ['200 two2', '200 two2', '200 own1'])
  await after('plugin:reload', () => files.write('plugins/_own.js', "export const word = 'mine'\n"), 'c')
  t.strictSame(await Promise.all(['/a', '/b', '/c'].map(get)), ['200 two2', '200 two2', '200 mine2'])
})

test('a plugin that is added, in a directory that did not exist, serves; a removed one answers 404; a renamed one goes on', async t => {
  const { get, after, files, app } = await startHot(t, {})
  t.equal(app.liveReload.plugins.count, 0)
  t.match(await get('/a'), /^404 /)
  await after('plugin:reload', () => files.write('plugins/a.js', plugin('/a', 'added')))
  t.equal(await get('/a'), '200 added')
  await after('plugin:reload', () => files.write('plugins/deep/index.js', plugin('/', 'deep')))
  t.strictSame([await get('/deep'), await get('/deep/')], ['200 deep', '200 deep'])
  await after('plugin:reload', () => renameSync(files.at('plugins/a.js'), files.at('plugins/renamed.js')), 'renamed')
  t.equal(await get('/a'), '200 added')
  await after('plugin:reload', () => rmSync(files.at('plugins/renamed.js')), 'renamed')
  t.match(await get('/a'), /^404 /)
  t.strictSame(app.liveReload.plugins.list().map(({ name }) => name), ['deep'])
})

test('a removed plugin of the start answers as the app answers what it does not know, and a file of another name takes its routes', async t => {
  const { get, after, files, app } = await startHot(t, { 'plugins/a.js': plugin('/a', 'first') }, {}, {}, {
    after: app => {
      app.addHook('onRequest', async (_request, reply) => { reply.header('x-app', 'yes') })
      app.setNotFoundHandler((_request, reply) => reply.code(404).send('not here'))
    }
  })
  await after('plugin:reload', () => rmSync(files.at('plugins/a.js')))
  const { status, text, headers } = await app.inject('/a').then(({ statusCode, body, headers }) => ({ status: statusCode, text: body, headers }))
  t.strictSame([status, text, headers['x-app']], [404, 'not here', 'yes'])
  await after('plugin:reload', () => files.write('plugins/b.js', plugin('/a', 'taken over')))
  t.equal(await get('/a'), '200 taken over')
})

test('of two saves 20 ms apart the last one serves', async t => {
  const { get, files } = await startHot(t, { 'plugins/a.js': plugin('/a', '0') })
  for (let i = 1; i <= 5; i++) {
    files.write('plugins/a.js', plugin('/a', `${i} first`))
    await new Promise(resolve => setTimeout(resolve, 20))
    files.write('plugins/a.js', plugin('/a', `${i} last`))
    await until(async () => await get('/a') === `200 ${i} last`, `save ${i}`)
  }
})

test('a plugin in TypeScript, with a prefix of its own, options and what it says of itself', async t => {
  const source = (text: string) => `
    import type { FastifyInstance } from 'fastify'
    export const autoPrefix: string = '/typed'
    export const autoConfig = { word: 'own', other: 'kept' }
    export const meta = { displayName: 'Typed', version: '1.2.3', description: 'a test', author: 'me', more: 1 }
    interface Options { word: string, other: string }
    export default async function typed (fastify: FastifyInstance, { word, other }: Options): Promise<void> {
      fastify.get('/', async () => \`${text} \${word} \${other}\`)
    }`
  const { get, after, files, app } = await startHot(t, { 'plugins/typed.ts': source('one') }, { options: { word: 'given' } })
  t.strictSame([await get('/typed'), await get('/typed/')], ['200 one given kept', '200 one given kept'])
  await after('plugin:reload', () => files.write('plugins/typed.ts', source('two')))
  t.equal(await get('/typed'), '200 two given kept')
  t.strictSame(app.liveReload.plugins.list()[0]?.meta, { displayName: 'Typed', version: '1.2.3', description: 'a test', author: 'me' })
})

test('late routes with a constraint of the app; one that the router does not take leaves everything as it was', async t => {
  const secret = { name: 'secret', storage: () => { const all = new Map(); return { get: (key: string) => all.get(key) ?? null, set: (key: string, store: unknown) => { all.set(key, store) } } }, deriveConstraint: (request: { headers: Record<string, unknown> }) => request.headers['x-secret'], validate: () => {} }
  const slow = { ...secret, name: 'slow', deriveConstraint: (_request: object, _context: unknown, done: (error: null, value: string) => void) => { done(null, 'x') } }
  const routes = (text: string, constraints: string) => plugin('/a', text, `  fastify.get('/late', { constraints: ${constraints} }, async () => '${text}')`)
  const { get, request, after, files, app } = await startHot(t, { 'plugins/a.js': plugin('/a', '1'), 'plugins/b.js': plugin('/b', '1') }, {}, {}, { server: { routerOptions: { constraints: { secret, slow } } } as never })
  await after('plugin:reload', () => files.write('plugins/b.js', plugin('/b', '2', "  fastify.get('/late-b', async () => 'late')")))
  await after('plugin:reload', () => files.write('plugins/a.js', routes('2', "{ secret: 'alpha' }")))
  const late = async () => (await request('/late', { headers: { 'x-secret': 'alpha' } })).text
  t.strictSame([await get('/a'), await late(), await get('/late-b')], ['200 2', '2', '200 late'])
  t.match(await get('/late'), /^404 /)
  const { diagnostics: [problem] } = await after('plugin:fail', () => files.write('plugins/a.js', routes('3', "{ slow: 'x' }")))
  t.match(problem?.message, /No strategy registered for constraint key slow/)
  t.strictSame([await get('/a'), await late(), await get('/late-b')], ['200 2', '2', '200 late'])
  t.match(app.liveReload.plugins.list(), [{ name: 'a', version: 2 }, { name: 'b', version: 2 }])
})

test('a route, or a service, that moves to another plugin', async t => {
  const named = (...urls: string[]) => `export default async fastify => {\n${urls.map(url => `  fastify.get('${url}', async () => fastify.hot.name)\n`).join('')}}\n`
  const { get, after, files, app } = await startHot(t, { 'plugins/a.js': named('/a'), 'plugins/z.js': named('/z', '/x') })
  await after('plugin:reload', () => {
    files.write('plugins/a.js', named('/a', '/x'))
    files.write('plugins/z.js', named('/z'))
  }, 'a')
  await until(async () => await get('/x') === '200 a', 'both at once')
  await after('plugin:fail', () => files.write('plugins/z.js', named('/z', '/x')), 'z')
  await after('plugin:reload', () => files.write('plugins/a.js', named('/a')), 'z')
  t.equal(await get('/x'), '200 z', 'one after the other')
  await after('plugin:fail', () => files.write('plugins/a.js', `${named('/a').replace('{', "{ fastify.hot.use('word');")}`), 'a')
  await after('plugin:reload', () => files.write('plugins/z.js', `${named('/z').replace('{', "{ fastify.hot.provide('word', 1);")}`), 'a')
  t.strictSame(app.liveReload.plugins.list().map(({ error }) => error), [undefined, undefined])
})

test('plugins behind symbolic links: the directory, and a file in it', async t => {
  const source = (version: number) => `const { text } = require('./_helper.js')\nmodule.exports = async fastify => { fastify.get('/' + fastify.hot.name, async () => '${version} ' + text) }\n`
  const real = folder(t, { 'package.json': '{}', 'all/a.js': source(1), 'all/_helper.js': "exports.text = 'one'\n", 'more/b.js': source(1), 'more/_helper.js': "exports.text = 'more'\n" })
  symlinkSync(real.at('more/b.js'), real.at('all/b.js'))
  symlinkSync(real.at('all'), real.at('link'), 'junction')
  const { get, after, app } = await startHot(t, {}, { dir: real.at('link') })
  t.strictSame([await get('/a'), await get('/b')], ['200 1 one', '200 1 more'])
  await until(() => app.liveReload.status().watch.files === 5, 'what is imported is watched')
  await after('plugin:reload', () => real.write('all/_helper.js', "exports.text = 'two'\n"), 'a')
  await after('plugin:reload', () => real.write('all/a.js', source(2)), 'a')
  await after('plugin:reload', () => real.write('more/_helper.js', "exports.text = 'less'\n"), 'b')
  await after('plugin:reload', () => real.write('more/b.js', source(3)), 'b')
  t.strictSame([await get('/a'), await get('/b')], ['200 2 two', '200 3 less'])
})
