// CommonJS: what `require` of reloaded code gives, at once and only when it is asked, and that nothing of it can end the process.
import { test } from 'tap'
import { until } from '../../support/wait.js'
import { startHot } from './support.js'

const COMMON_JS = { 'package.json': '{ "type": "commonjs" }' }

/** The body of a plugin that answers what `value` is. */
const answers = (url: string, value: string, head = ''): string => `${head}\nmodule.exports = async fastify => { fastify.get('${url}', async () => JSON.stringify(${value})) }\n`

const unhandled: unknown[] = []
process.on('unhandledRejection', reason => { unhandled.push(reason) })

test('a computed require gives the module itself, and what it finds is watched from then on', async t => {
  const source = (version: number) => answers('/a', "[text, one.text, 'all']".replace('all', `v${version}`), `const { readdirSync } = require('node:fs')
const { join } = require('path')
const name = 'text'
const { text } = require(\`../lib/\${name}\`)
const [one] = readdirSync(join(__dirname, '../handlers')).map(file => require('../handlers/' + file))`)
  const { get, after, files, app } = await startHot(t, { ...COMMON_JS, 'plugins/a.js': source(1), 'lib/text.js': "exports.text = 'T1'\n", 'handlers/one.js': "exports.text = require('./../lib/deep.js')\n", 'lib/deep.js': "module.exports = 'ONE'\n" })
  t.equal(await get('/a'), '200 ["T1","ONE","v1"]')
  await after('plugin:reload', () => files.write('plugins/a.js', source(2)))
  t.equal(await get('/a'), '200 ["T1","ONE","v2"]')
  await until(() => app.liveReload.status().watch.files === 4, 'what was required is watched')
  await after('plugin:reload', () => files.write('lib/text.js', "exports.text = 'T2'\n"))
  t.equal(await get('/a'), '200 ["T2","ONE","v2"]')
  await after('plugin:reload', () => files.write('lib/deep.js', "module.exports = 'TWO'\n"))
  t.equal(await get('/a'), '200 ["T2","TWO","v2"]', 'with what it requires itself')
  await after('plugin:reload', () => files.write('plugins/a.js', source(3)))
  t.equal(await get('/a'), '200 ["T2","TWO","v3"]', 'the newest code stays')
  t.strictSame(unhandled, [])
})

test('a require that fails throws where it is called, and the next save tries again', async t => {
  const source = (name: string) => answers('/a', 'found', `let found\ntry { found = require('./_' + '${name}') } catch (error) { found = error.code ?? error.message }`)
  const { get, after, files } = await startHot(t, { ...COMMON_JS, 'plugins/a.js': source('none'), 'plugins/_bad.js': "throw new Error('bad')\n", 'plugins/_good.js': "module.exports = 'good'\n" })
  await after('plugin:reload', () => files.write('plugins/a.js', source('none2')))
  t.equal(await get('/a'), '200 "MODULE_NOT_FOUND"')
  for (const [name, expected] of [['bad', 'bad'], ['good', 'good']]) {
    await after('plugin:reload', () => files.write('plugins/a.js', source(name as string)))
    t.equal(await get('/a'), `200 "${expected}"`)
  }
  await after('plugin:fail', () => files.write('plugins/a.js', answers('/a', '1', "require('./_' + 'none')")))
  t.equal(await get('/a'), '200 "good"')
  t.strictSame(unhandled, [])
})

test('what is required in a function runs when that is called, and not when the plugin is reloaded', async t => {
  const runs = (): unknown => Reflect.get(globalThis, 'resets')
  const source = (version: number) => answers('/a', `${version}`, "async function reset () { return require('../scripts/reset') }\nif (process.env.NEVER_SET) require('../scripts/reset')").replace(/}\n$/, "; fastify.get('/reset', reset) }\n")
  const script = (text: string) => `globalThis.resets = (globalThis.resets ?? 0) + 1\nmodule.exports = '${text} ' + require('./_more.mjs').more + __dirname.endsWith('scripts')\n`
  const { get, after, files } = await startHot(t, { ...COMMON_JS, 'plugins/a.js': source(1), 'scripts/reset.js': script('one'), 'scripts/_more.mjs': "import { basename } from 'node:path'\nexport const more = basename('/x/more')\n" })
  await after('plugin:reload', () => files.write('plugins/a.js', source(2)))
  await after('plugin:reload', () => files.write('scripts/reset.js', script('two')))
  await after('plugin:reload', () => files.write('scripts/_more.mjs', "import { basename } from 'path'\nimport { z } from './_z.mjs'\nexport const more = basename('/x/less' + z)\n") && files.write('scripts/_z.mjs', "export const z = 'z'\n"))
  t.equal(runs(), undefined, 'nobody has called it')
  t.equal(await get('/reset'), '200 two lessztrue')
  await get('/reset')
  t.equal(runs(), 1)
  await after('plugin:reload', () => files.write('scripts/_z.mjs', "export const z = 'zz'\n"))
  t.equal(await get('/reset'), '200 two lesszztrue')
})

test('a required file with an error, or one that awaits, fails when it is required', async t => {
  const source = (version: number) => answers('/a', `${version}`).replace(/}\n$/, "; fastify.get('/late', async () => { try { return require('./_late.js').text } catch (error) { return error.message } }) }\n")
  const { get, after, files } = await startHot(t, { ...COMMON_JS, 'plugins/a.js': source(1), 'plugins/_late.js': "exports.text = 'late'\n" })
  await after('plugin:reload', () => files.write('plugins/a.js', source(2)))
  t.equal(await get('/late'), '200 late')
  await after('plugin:fail', () => files.write('plugins/_late.js', 'exports.text = \n'))
  t.equal(await get('/late'), '200 late', 'the version that serves has its own')
  await after('plugin:reload', () => files.write('plugins/_late.js', "export const text = await 'x'\n"))
  t.match(await get('/late'), /^200 .*_late\.js awaits at its top level and cannot be required: use import\(\)/)
})

test('require, module and import() are what Node gives', async t => {
  const source = (version: number) => answers('/a', `[${version}, require.resolve('./_one'), typeof require.cache, require.main === undefined || require.main !== module, module.filename === __filename, module.id === __filename, module.paths.length > 0, module.require('./_one').one, data.a, (await import('./_esm.mjs')).text, (await import('./_one.js')).default.one, (await late('one')).one, typeof module.parent, own.value]`,
    "const data = require('./_data.json')\nconst late = name => import('./_' + name + '.js')\nconst indirect = require\nindirect('node:path')\nvar __toESM = value => ({ value })\nconst own = __toESM('own')\nlet optional\ntry { optional = require('./_local') } catch {}")
  const { get, after, files } = await startHot(t, { ...COMMON_JS, 'plugins/a.js': source(1), 'plugins/_one.js': 'exports.one = 1\n', 'plugins/_data.json': '{ "a": "json" }', 'plugins/_esm.mjs': "export const text = 'esm'\n" })
  const first = await get('/a')
  await after('plugin:reload', () => files.write('plugins/a.js', source(2)))
  t.equal(await get('/a'), first.replace('[1,', '[2,'))
  await after('plugin:reload', () => files.write('plugins/_one.js', 'exports.one = 5\n'))
  t.equal(await get('/a'), first.replace('[1,', '[2,').replace('true,1,"json","esm",1,1', 'true,5,"json","esm",5,5'))
  await after('plugin:reload', () => files.write('plugins/_data.json', '{ "a": "other" }'))
  t.match(await get('/a'), /"other"/)
})
