// How code is loaded again: what modules may do, what stays the same instance, and what stacks name.
import { test } from 'tap'
import { Graph } from '../../../lib/features/hot-plugins/graph/graph.js'
import { until } from '../../support/wait.js'
import { startHot } from './support.js'

const route = (value: string, imports = ''): string => `${imports}\nexport default async fastify => { fastify.get('/a', async () => JSON.stringify(${value})) }\n`

test('what a reloaded module may import, and how', async t => {
  const imports = `import fallback, { named, count, add } from './_esm.js'
import * as all from './_esm.js'
import cjs from './_cjs.cjs'
import { value } from './_cjs.cjs'
import data from './_data.json' with { type: 'json' }
import { readFileSync } from 'node:fs'
import { basename } from 'path'
import fp from ${JSON.stringify(import.meta.resolve('fastify-plugin'))}
import { awaited } from './_await.js'
export * from './_esm.js'
const __dirname = import.meta.dirname
const require = 5
const late = name => import('./_' + name + '.js')
`
  const value = `[fallback, named, (add(), count), Object.keys(all).sort().join(), cjs.value, value, data.a, basename(import.meta.url), import.meta.filename === readFileSync.name || import.meta.filename.endsWith('a.js'), typeof fp, awaited,
    (await import('./_late.js')).late, (await late('late')).late, __dirname.endsWith('plugins'), require, (await import('node:os')).EOL, import.meta.resolve('./x.js').endsWith('plugins/x.js')]`
  const files = {
    'plugins/_esm.js': "export default 'fallback'\nexport const named = 'named'\nexport let count = 0\nexport const add = () => { count++ }\nexport { late as renamed } from './_late.js'\nexport * from './_more.js'\nexport * as space from './_more.js'\n",
    'plugins/_more.js': "export const more = 'more'\n",
    'plugins/_cjs.cjs': "const { deep } = require('./_deep.cjs')\nconst { sep } = require('path')\nexports.value = deep + sep\n",
    'plugins/_deep.cjs': "exports.deep = 'cjs'\n",
    'plugins/_data.json': '{ "a": "json" }',
    'plugins/_late.js': "export const late = 'late'\n",
    'plugins/_await.js': "import { more } from './_more.js'\nimport * as all from './_more.js'\nimport './_late.js'\nexport { late } from './_late.js'\nexport * from './_more.js'\nexport * as space from './_more.js'\nawait new Promise(resolve => setTimeout(resolve, 1))\nexport const awaited = await Promise.resolve('awaited ' + more + all.more)\nexport default awaited\n"
  }
  const { get, after, files: disk } = await startHot(t, { ...files, 'plugins/a.js': route(value, imports) })
  const first = await get('/a')
  t.match(first, /^200 \["fallback","named",1,"add,count,default,more,named,renamed,space","cjs\/","cjs\/","json","a\.js",true,"function","awaited moremore","late","late",true,5,/)
  // With everything evaluated again, file by file.
  const again: [name: string, content: string, from: string, to: string][] = [
    ['_more.js', "export const more = 'less'\n", 'awaited moremore', 'awaited lessless'],
    ['_deep.cjs', "exports.deep = 'new'\n", 'cjs/', 'new/'],
    ['_data.json', '{ "a": "other" }', '"json"', '"other"'],
    ['_late.js', "export const late = 'later'\n", '"late"', '"later"']
  ]
  let expected = first
  for (const [name, content, from, to] of again) {
    await after('plugin:reload', () => disk.write(`plugins/${name}`, content))
    expected = expected.replaceAll(from, to).replace(/"named",\d+/, '"named",1')
    const answer = await get('/a')
    t.equal(answer.replace(/"named",\d+/, '"named",1'), expected, name)
  }
})

test('a module that two plugins import is one instance, also after it has changed, and what did not change stays', async t => {
  const using = (url: string) => `import { list } from './_shared.js'\nimport { id } from './_stable.js'\nlist.push('${url}')\nexport default async fastify => { fastify.get('${url}', async () => list.join() + ' ' + id) }\n`
  const { get, after, files } = await startHot(t, {
    'plugins/a.js': using('/a'),
    'plugins/b.js': using('/b'),
    'plugins/_shared.js': 'export const list = []\n',
    'plugins/_stable.js': 'globalThis.stable = (globalThis.stable ?? 0) + 1\nexport const id = globalThis.stable\n'
  })
  t.strictSame([await get('/a'), await get('/b')], ['200 /a,/b 1', '200 /a,/b 1'])
  await after('plugin:reload', () => files.write('plugins/_shared.js', "export const list = ['new']\n"), 'b')
  t.strictSame([await get('/a'), await get('/b')], ['200 new,/a,/b 1', '200 new,/a,/b 1'])
})

test('stacks name the lines of the newest source, in TypeScript, too', async t => {
  const source = (lines: number) => `${'// a line\n'.repeat(lines)}interface Unused { readonly a: string }
export default async function plugin (fastify: { get (url: string, handler: () => Promise<string>): void }): Promise<void> {
  fastify.get('/a', async (): Promise<string> => {
    return String(new Error('here').stack)
  })
}
`
  const { get, after, files } = await startHot(t, { 'plugins/a.ts': source(0) })
  for (const lines of [3, 1, 7]) {
    await after('plugin:reload', () => files.write('plugins/a.ts', source(lines)))
    t.match(await get('/a'), new RegExp(`plugins/a\\.ts[^:]*:${lines + 4}:`), `${lines} lines more`)
  }
})

test('a dynamic import that fails is tried again by the next who asks, and one after the start is kept', async t => {
  const { get, after, files } = await startHot(t, {
    'plugins/a.js': "export default async fastify => { fastify.get('/a', async () => { try { return (await import('./_late.js')).text } catch (error) { return error.message } }) }\n",
    'plugins/_late.js': "globalThis.lateRuns = (globalThis.lateRuns ?? 0) + 1\nexport const text = 'run ' + globalThis.lateRuns\n"
  })
  await after('plugin:reload', () => files.write('plugins/_late.js', "globalThis.lateRuns = (globalThis.lateRuns ?? 0) + 1\nif (globalThis.lateRuns < 2) throw new Error('not yet')\nexport const text = 'run ' + globalThis.lateRuns\n"))
  t.strictSame([await get('/a'), await get('/a'), await get('/a')], ['200 not yet', '200 run 2', '200 run 2'])
})

test('a file that only the running code names is loaded with the plugin, and watched from then on', async t => {
  const source = (version: number) => `const load = name => import('./_' + name + '.js')
export default async fastify => { fastify.get('/a', async () => 'v${version} ' + (await load('one')).text + ' ' + (await load('two').catch(error => error.code ?? error.message))) }
`
  const hot = await startHot(t, { 'plugins/a.js': source(1), 'plugins/_one.js': "export const text = 'first'\n" })
  await hot.after('plugin:reload', () => hot.files.write('plugins/a.js', source(2)))
  t.match(await hot.get('/a'), /^200 v2 first /)
  await hot.after('plugin:reload', () => hot.files.write('plugins/_one.js', "export const text = 'second'\n"))
  t.match(await hot.get('/a'), /^200 v2 second /)
})

test('a prefix of the scope, router options, methods of the app, late routes of both', async t => {
  const { app, after, files, request } = await startHot(t, {}, {}, {}, { server: { routerOptions: { ignoreTrailingSlash: true, caseSensitive: false } }, before: app => app.addHttpMethod('PROPFIND') })
  await after('plugin:reload', () => files.write('plugins/late/index.js', "export default async fastify => { fastify.get('/', async () => 'late'); fastify.get('/:id', async request => request.params.id); fastify.propfind('/p', async () => 'found'); fastify.get('/host', { constraints: { host: 'one.test' } }, async () => 'one') }\n"))
  const text = async (url: string, options = {}) => (await request(url, options)).text
  t.strictSame([await text('/late/'), await text('/LATE'), await text('/late/x/'), await text('/late/p', { method: 'PROPFIND' }), await text('/late/host', { headers: { Host: 'one.test' } })], ['late', 'late', 'x', 'found', 'one'])
  await after('plugin:reload', () => files.write('plugins/late/index.js', "export default async fastify => { fastify.get('/only', async () => 'only') }\n"))
  t.strictSame([await text('/late/only'), (await request('/late')).status], ['only', 404])
  t.equal(app.liveReload.plugins.list()[0]?.routes.join(), 'GET /late/only,HEAD /late/only')
})

test('registered in a scope with a prefix', async t => {
  const { default: Fastify } = await import('fastify')
  const { default: liveReload } = await import('../../../lib/index.js')
  const { folder } = await import('../../support/folder.js')
  const files = folder(t, { 'package.json': '{ "type": "module" }', 'plugins/a.js': "export default async fastify => { fastify.get('/a', async () => 'a' + fastify.hot.version); fastify.get('/', async () => fastify.prefix) }\n" })
  const app = Fastify()
  t.teardown(() => app.close())
  let inner: typeof app | undefined
  app.register(async scope => {
    inner = scope as typeof app
    scope.addHook('onRequest', async (_request, reply) => { reply.header('x-scope', 'yes') })
    await scope.register(liveReload, { plugins: { dir: files.at('plugins') } })
  }, { prefix: '/api' })
  await app.ready()
  const ask = async (url: string) => { const { body, headers } = await app.inject(url); return `${body} ${String(headers['x-scope'])}` }
  t.strictSame([await ask('/api/a'), await ask('/api'), await ask('/api/')], ['a1 yes', '/api yes', '/api yes'])
  t.ok(await inner?.liveReload.plugins.reload('a'))
  t.strictSame([await ask('/api/a'), await ask('/api/')], ['a2 yes', '/api yes'])
  await until(() => inner?.liveReload.plugins.list()[0]?.version === 2, 'version 2')
})

test('a file that no plugin imports for a while comes back as it is on the disk', async t => {
  const importing = (path: string) => `import { text } from '${path}'\nexport default async fastify => { fastify.get('/a', async () => text) }\n`
  const { get, after, files, app } = await startHot(t, { 'plugins/a.js': route('0'), 'plugins/_inside.js': "export const text = 'one'\n", 'lib/helper.js': "export const text = 'one'\n" })
  for (const [file, path] of [['lib/helper.js', '../lib/helper.js'], ['plugins/_inside.js', './_inside.js']] as const) {
    await after('plugin:reload', () => files.write('plugins/a.js', importing(path)))
    await after('plugin:reload', () => files.write(file, "export const text = 'two'\n"))
    t.equal(await get('/a'), '200 two', `${file}: changed`)
    await after('plugin:fail', () => files.write('plugins/a.js', 'export default async () => nothing.at.all\n'))
    t.equal(await get('/a'), '200 two', `${file}: the version that serves goes on`)
    await after('plugin:reload', () => files.write('plugins/a.js', importing(path)))
    t.equal(await get('/a'), '200 two', `${file}: imported again`)
    t.ok(await app.liveReload.plugins.reload('a'))
    t.equal(await get('/a'), '200 two', `${file}: reloaded`)
  }
  await after('plugin:reload', () => files.write('plugins/a.js', 'export default async () => {}\n'))
  files.write('lib/helper.js', "export const text = 'while nobody looked'\n")
  await after('plugin:reload', () => files.write('plugins/a.js', importing('../lib/helper.js')))
  t.equal(await get('/a'), '200 while nobody looked')
})

test('a file that only the running code names stays new when its plugin is reloaded, and is noted once', async t => {
  const source = (version: number) => `export default async fastify => { fastify.get('/:name', async ({ params }) => '${version} ' + (await import('./_parts/' + params.name + '.js')).text) }\n`
  const { get, after, files } = await startHot(t, { 'plugins/a.js': source(1), 'plugins/_parts/one.js': "export const text = 'ONE'\n" })
  await after('plugin:reload', () => files.write('plugins/a.js', source(2)))
  t.equal(await get('/one'), '200 2 ONE')
  await after('plugin:reload', () => files.write('plugins/_parts/one.js', "export const text = 'TWO'\n"))
  t.equal(await get('/one'), '200 2 TWO')
  for (const version of [3, 4]) {
    await after('plugin:reload', () => files.write('plugins/a.js', source(version)))
    t.equal(await get('/one'), `200 ${version} TWO`)
  }
  await after('plugin:reload', () => files.write('plugins/_parts/one.js', "export const text = 'THREE'\n"))
  t.equal(await get('/one'), '200 4 THREE')
  const graph = new Graph()
  graph.update(new Map([['/a.js', { format: 'esm', imports: [] }]]))
  t.strictSame([graph.add('/a.js', '/b.js'), graph.add('/a.js', '/b.js'), graph.add('/none.js', '/b.js')], [true, false, false])
  t.strictSame([...graph.reachable('/a.js')], ['/a.js', '/b.js'])
})

test('decorators that esbuild has helpers for', async t => {
  const { get, after, files } = await startHot(t, { 'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }', 'plugins/a.ts': "export default async (fastify: any) => { fastify.get('/a', async () => 'one') }\n" })
  await after('plugin:reload', () => files.write('plugins/a.ts', "function mark (target: any, key: string, descriptor: PropertyDescriptor) {}\nclass Word { @mark say () { return 'two' } }\nexport default async (fastify: any) => { fastify.get('/a', async () => new Word().say()) }\n"))
  t.equal(await get('/a'), '200 two')
})

test('a module that awaits at its top level may import late, and hold text that looks like imports', async t => {
  const page = '<script type="module">\nimport { go } from "/app.js";\nexport { go };\n</script>'
  const source = (version: number) => `/*! kept
import legal from "x";
*/
const early = await import('./_part.js')
const name = 'part'
const page = \`${page}\${name}\`
const raw = String.raw\`a
export { raw };\`
export default async fastify => { fastify.get('/a', async () => ['${version}', early.text, (await import('./_' + name + '.js')).text, (await import('node:path')).sep, page, raw].join()) }
`
  const { get, after, files } = await startHot(t, { 'plugins/a.js': source(1), 'plugins/_part.js': "export const text = 'P1'\n" })
  const rest = `/,${page}part,a\nexport { raw };`
  t.equal(await get('/a'), `200 1,P1,P1,${rest}`)
  await after('plugin:reload', () => files.write('plugins/a.js', source(2)))
  t.equal(await get('/a'), `200 2,P1,P1,${rest}`)
  await after('plugin:reload', () => files.write('plugins/_part.js', "export const text = 'P2'\n"))
  t.equal(await get('/a'), `200 2,P2,P2,${rest}`)
})

test('a package that is not there is looked for from the file that imports it', async t => {
  const { after, files } = await startHot(t, { 'plugins/a.js': route('1') })
  const { diagnostics: [missing] } = await after('plugin:fail', () => files.write('plugins/a.js', route('1', "import 'not-installed'")))
  t.equal(missing?.message, `Cannot find package 'not-installed' imported from ${files.at('plugins/a.js')}`)
  const { diagnostics: [late] } = await after('plugin:fail', () => files.write('plugins/a.js', "export default async () => { const name = 'not-installed'; await import(name) }\n"))
  t.equal(late?.message, `Cannot find package 'not-installed' imported from ${files.at('plugins/a.js')}`)
})
