// Plugins that fail, in every way we know: what served before goes on, the reason is told, and the next change tries again.
import { rmSync } from 'node:fs'
import { test } from 'tap'
import { until } from '../../support/wait.js'
import { plugin, startHot } from './support.js'

const good = (text: string): string => plugin('/a', text)
const inBody = (code: string): string => plugin('/a', 'bad', code)

/** The source, what the reason says, and the line it names. */
const BAD: readonly (readonly [what: string, source: string, reason: RegExp, line?: number])[] = [
  ['a syntax error', 'export default async fastify => {\n  fastify.get(\n}\n', /./, 3],
  ['an import that is not there', "import './gone.js'\nexport default async () => {}\n", /gone\.js/, 1],
  ['a package that is not there', "import 'no-such-package'\nexport default async () => {}\n", /no-such-package/],
  ['a name that is not exported', "import { nothing } from './_helper.js'\nexport default async () => nothing.at.all\n", /./],
  ['no default export', 'export const plugin = 1\n', /must export a Fastify plugin as default, but exports undefined/],
  ['a throw at the top level', "\nthrow new Error('top level')\nexport default async () => {}\n", /top level/, 2],
  ['a throw in the plugin', inBody("  throw new TypeError('in register')"), /TypeError: in register/, 3],
  ['something thrown that is no error', inBody("  throw 'text'"), /text/],
  ['a plugin inside that fails', inBody("  fastify.register(async () => { throw new Error('inside') })"), /inside/, 3],
  ['a throw in onReady', inBody("  fastify.addHook('onReady', async () => { throw new Error('not ready', { cause: new Error('the cause') }) })"), /not ready\ncause: the cause/, 3],
  ['a plugin that never resolves', 'export default () => new Promise(() => {})\n', /did not start in time|Plugin did not start/i],
  ['a route of the app', plugin('/app', 'bad'), /has a route GET \/app, as the app has/],
  ['a route of another plugin', plugin('/b', 'bad'), /has a route GET \/b, as the hot plugin b has/],
  ['the same route twice', inBody("  fastify.get('/a', async () => 'again')"), /already declared/i],
  ['a missing service', inBody("  fastify.hot.use('database')"), /uses the service database, which none provides/],
  ['a service of another plugin', inBody("  fastify.hot.provide('taken', 1)"), /provides the service taken, as b does/],
  ['a resource that fails', inBody("  await fastify.hot.keep('db', async () => { throw new Error('no database') })"), /no database/],
  ['a prefix that is no text', 'export const autoPrefix = 5\nexport default async () => {}\n', /must export `autoPrefix` as a text/]
]

const OTHERS = { 'plugins/b.js': plugin('/b', 'b', "  fastify.hot.provide('taken', 0)"), 'plugins/_helper.js': 'export const other = 1\n' }
const around = { server: { pluginTimeout: 1000 }, before: (app: { get (url: string, handler: () => Promise<string>): unknown }) => app.get('/app', async () => 'app') }

test('while the app serves', async t => {
  const { get, after, files, app, lines, messages } = await startHot(t, { ...OTHERS, 'plugins/a.js': good('0') }, {}, {}, around)
  const { plugins } = app.liveReload
  let number = 0
  for (const [what, source, reason, line] of BAD) {
    const served = await get('/a')
    const event = await after('plugin:fail', () => files.write('plugins/a.js', source))
    const [problem] = event.diagnostics
    t.match(problem?.message, reason, `${what}: the reason`)
    if (line !== undefined) t.match(problem, { file: files.at('plugins/a.js'), line }, `${what}: the place`)
    t.strictSame([await get('/a'), await get('/b'), await get('/app')], [served, '200 b', '200 app'], `${what}: what served goes on`)
    t.match(app.liveReload.status().builds, { 'plugin a': { state: 'failed' } }, `${what}: on the status page and over pages`)
    t.match(plugins.list()[0], { serving: true, error: { message: reason } }, `${what}: in the list`)
    t.match(messages().findLast(message => message.startsWith('a failed: ')), /v\d+ goes on serving, the next change tries again$/, `${what}: in the log`)
    t.match(lines.findLast(one => one.includes('goes on serving')), /"plugin":"fastify-live-reload",.*"hotPlugin":"a"/, `${what}: no field twice`)
    await after('plugin:reload', () => files.write('plugins/a.js', good(String(++number))))
    t.equal(await get('/a'), `200 ${number}`, `${what}: mended`)
    t.strictSame(app.liveReload.status().builds, {}, `${what}: the problem is gone`)
    t.equal(plugins.list()[0]?.error, undefined)
  }
})

test('while the app starts', async t => {
  for (const [what, source, reason] of BAD) {
    await t.test(what, async t => {
      const { get, after, files, app } = await startHot(t, { ...OTHERS, 'plugins/a.js': source.replace('as the hot plugin b', ''), }, {}, {}, around)
      const { plugins } = app.liveReload
      if (/route of another|service of another/.test(what)) {
        // The first in the order has it.
        t.match(plugins.list(), [{ name: 'a', serving: true }, { name: 'b', serving: false }])
        return
      }
      t.match(plugins.list(), [{ name: 'a', version: 0, serving: false, error: { message: reason } }, { name: 'b', serving: true }])
      t.match(await get('/a'), /^404 /)
      t.strictSame([await get('/b'), await get('/app')], ['200 b', '200 app'])
      await after('plugin:reload', () => files.write('plugins/a.js', good('mended')))
      t.equal(await get('/a'), '200 mended')
    })
  }
})

test('strict: a plugin that fails makes the app fail', async t => {
  await t.rejects(startHot(t, { 'plugins/a.js': inBody("  throw new Error('strictly bad')") }, { strict: true }), /strictly bad/)
  await t.rejects(startHot(t, { 'plugins/a.js': inBody("  fastify.addHook('onReady', async () => { throw new Error('not ready') })") }, { strict: true }), /not ready/)
})

test('a missing file that appears outside of the directory, and a broken one that is mended, try again', async t => {
  const { get, after, files } = await startHot(t, { 'plugins/a.js': good('one') })
  await after('plugin:fail', () => files.write('plugins/a.js', "import { text } from '../lib/later.js'\nexport default async fastify => { fastify.get('/a', async () => text) }\n"))
  await after('plugin:fail', () => files.write('lib/later.js', 'export const text = \n'))
  t.equal(await get('/a'), '200 one')
  await after('plugin:reload', () => files.write('lib/later.js', "export const text = 'later'\n"))
  t.equal(await get('/a'), '200 later')
})

test('a module that failed when the app started is mended, with what it imports', async t => {
  const { get, after, files } = await startHot(t, {
    'plugins/a.js': "import { text } from './_one.js'\nexport default async fastify => { fastify.get('/a', async () => text) }\n",
    'plugins/_one.js': "export { text } from './_two.js'\n",
    'plugins/_two.js': "throw new Error('two is broken')\nexport const text = 'x'\n"
  })
  t.match(await get('/a'), /^404 /)
  await after('plugin:reload', () => files.write('plugins/_two.js', "export const text = 'mended'\n"))
  t.equal(await get('/a'), '200 mended')
})

test('an import cycle works, before and after a reload', async t => {
  const one = (text: string) => `import { two } from './_two.js'\nexport const one = () => '${text}'\nexport const both = () => one() + two()\n`
  const { get, after, files } = await startHot(t, {
    'plugins/a.js': "import { both } from './_one.js'\nimport { twice } from './_two.js'\nexport default async fastify => { fastify.get('/a', async () => both() + twice()) }\n",
    'plugins/_one.js': one('1'),
    'plugins/_two.js': "import { one } from './_one.js'\nexport const two = () => '2'\nexport const twice = () => one() + one()\n"
  })
  t.equal(await get('/a'), '200 1211')
  await after('plugin:reload', () => files.write('plugins/_one.js', one('3')))
  t.equal(await get('/a'), '200 3233')
})

test('a file that is removed while it is reloaded', async t => {
  const { get, after, files, messages, app } = await startHot(t, { 'plugins/a.js': good('one') })
  await after('plugin:reload', async () => {
    files.write('plugins/a.js', inBody('  await new Promise(resolve => setTimeout(resolve, 300))'))
    await until(() => messages().includes('reloading a'), 'it is reloading')
    rmSync(files.at('plugins/a.js'))
    await until(() => messages().includes('removed a'), 'it is removed')
  })
  t.match(await get('/a'), /^404 /)
  t.equal(app.liveReload.plugins.count, 0)
})

test('versions that leave timers behind, and hooks that fail when one ends, harm nobody', async t => {
  const leaking = (text: string) => plugin('/a', text, `  setInterval(() => {}, 1000).unref()
  fastify.addHook('onListen', () => { throw new Error('listen ${text}') })
  fastify.addHook('preClose', done => done(new Error('before ${text}')))
  fastify.addHook('onClose', async () => { throw new Error('after ${text}') })`)
  const { get, after, files, lines } = await startHot(t, { 'plugins/a.js': leaking('one') })
  await after('plugin:reload', () => files.write('plugins/a.js', leaking('two')))
  t.equal(await get('/a'), '200 two')
  for (const error of ['listen one', 'before one', 'listen two']) await until(() => lines.some(line => line.includes(error)), `${error} in the log`)
  t.ok(lines.some(line => line.includes('a v2: an onListen hook failed')))
})

test('a plugin made with fastify-plugin keeps what it decorates to itself, and the log says so once', async t => {
  const wrapped = (text: string) => `const plugin = async fastify => { fastify.decorate('mine', '${text}'); fastify.get('/a', async () => fastify.mine) }\nplugin[Symbol.for('skip-override')] = true\nexport default plugin\n`
  const { get, after, files, app, messages } = await startHot(t, { 'plugins/a.js': wrapped('one') })
  await after('plugin:reload', () => files.write('plugins/a.js', wrapped('two')))
  t.equal(await get('/a'), '200 two')
  t.notOk(app.hasDecorator('mine'))
  t.equal(messages().filter(message => message.includes('made with fastify-plugin')).length, 1)
})
