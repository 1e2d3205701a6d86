// Libraries as npm installs them -> the import map, and the files that are served: those that are reached, and no others.
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { test, type Test } from 'tap'
import { serveLibraries } from '../../../lib/features/import-map/index.js'
import { folder, type Folder } from '../../support/folder.js'
import { request } from '../../support/http.js'
import { installed, manifest } from '../../support/libraries.js'

/** Serves what is in `cwd`. Addresses are shown without hashes. */
async function serve (t: Test, cwd: string, importMap: readonly string[], { enabled = true, prefix = '' } = {}) {
  const app = Fastify()
  t.teardown(() => app.close())
  let served: Awaited<ReturnType<typeof serveLibraries>> | undefined
  await app.register(async scope => { served = await serveLibraries(scope, { importMap, cwd, enabled }) }, { prefix })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const { map } = served as NonNullable<typeof served>
  return { map, plain: JSON.parse(JSON.stringify(map).replace(/-[\da-f]{12}\//g, '/')) as typeof map, get: (url: string, method = 'GET') => request(port, url, { method }) }
}

const load = (cwd: string, importMap: readonly string[]) => serveLibraries(Fastify(), { importMap, cwd, enabled: true })

const CHAIN = {
  chain: {
    'package.json': manifest({ name: 'chain', type: 'module', exports: { '.': { browser: './browser.js', default: './node.js' }, './more': './more.js' } }),
    'browser.js': "import { link } from 'link'\nimport './side.js'\nexport * from '@scope/deep/sub.js'\nexport { link }",
    'node.js': "import 'node:fs'",
    'more.js': 'export default 1',
    'side.js': 'import("./late.js")',
    'late.js': "export const late = 'ä'",
    'private.js': 'secret',
    '.env': 'secret'
  },
  link: { 'package.json': manifest({ name: 'link', main: 'cjs.js', module: 'esm.js' }), 'esm.js': 'export const link = 1', 'cjs.js': 'exports.link = 1' },
  '@scope/deep': { 'package.json': manifest({ name: '@scope/deep' }), 'sub.js': "import 'link'\nexport default 2" }
}

test('a library with dependencies of dependencies: the map names what each imports, and only what is reached is served', async t => {
  const { path } = installed(t, CHAIN)
  const { map, plain, get } = await serve(t, path, ['chain', 'link'])
  t.strictSame(plain, {
    imports: { chain: '/__libraries/chain@1.2.3/browser.js', link: '/__libraries/link@1.2.3/esm.js' },
    // `link` is the same for all.
    scopes: { '/__libraries/chain@1.2.3/': { '@scope/deep/sub.js': '/__libraries/@scope/deep@1.2.3/sub.js' } }
  })
  const chain = map.imports.chain as string
  const { status, headers, text } = await get(chain)
  t.match({ status, headers, text }, { status: 200, text: CHAIN.chain['browser.js'], headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' } })
  t.equal((await get(chain.replace('browser.js', 'late.js'))).text, "export const late = 'ä'", 'what is imported later')
  const folderOf = dirname(chain)
  for (const file of ['private.js', 'node.js', 'more.js', '.env', 'package.json', '', '../link@1.2.3/cjs.js', '../../package.json', '%2e%2e/%2e%2e/package.json', '..%2f..%2fpackage.json', 'browser.js/..', 'browser.js%00', '//etc/passwd', '..\\..\\package.json']) {
    const refused = await get(`${folderOf}/${file}`)
    t.match({ status: refused.status, cache: refused.headers['cache-control'], type: refused.headers['content-type'] }, { status: 404, cache: 'no-store', type: /^text\/plain/ }, file)
  }
  t.equal((await get('/__libraries/../package.json')).status, 404)
  t.match(await get(chain, 'HEAD'), { status: 200, text: '', headers: { 'content-length': String(CHAIN.chain['browser.js'].length) } })
})

test('an address holds the version and the content: another content has another address', async t => {
  const app = installed(t, CHAIN)
  const url = async () => (await load(app.path, ['link'])).map.imports.link as string
  const first = await url()
  t.match(first, /^\/__libraries\/link@1\.2\.3-[\da-f]{12}\/esm\.js$/)
  t.equal(await url(), first, 'the same for the same')
  app.write('node_modules/link/cjs.js', 'exports.link = 2')
  t.equal(await url(), first, 'what is not served does not matter')
  app.write('node_modules/link/esm.js', 'export const link = 2')
  t.not(await url(), first)
})

test('a prefix of the app, names with dots and spaces, JSON and styles', async t => {
  const { path } = installed(t, {
    'a.b': {
      'package.json': manifest({ name: 'a.b', type: 'module', main: 'main file.js' }),
      'main file.js': "import './x.js?raw#a'\nimport data from './data.json' with { type: 'json' }\nimport css from './a.css' with { type: 'css' }",
      'x.js': 'export {}',
      'data.json': '{}',
      'a.css': 'a {}'
    }
  })
  const { map, get } = await serve(t, path, ['a.b'], { prefix: '/admin' })
  const url = map.imports['a.b'] as string
  t.match(url, /^\/admin\/__libraries\/a\.b@1\.2\.3-[\da-f]{12}\/main%20file\.js$/)
  for (const [file, type] of [['main%20file.js', /^text\/javascript/], ['x.js?raw', /^text\/javascript/], ['data.json', /^application\/json/], ['a.css', /^text\/css/]] as const) {
    const { status, headers } = await get(url.replace(/[^/]+$/, file))
    t.match({ status, type: headers['content-type'] }, { status: 200, type }, file)
  }
})

test('where a file is not where its neighbour looks for it, the map says where: the field browser, no extension, imports of the package itself', async t => {
  const { path } = installed(t, {
    moved: {
      'package.json': manifest({ name: 'moved', type: 'module', module: 'a.js', browser: { './node.js': './web.js', './nothing.js': false }, imports: { '#own': './own.js' } }),
      'a.js': "import './node.js'\nimport './bare'\nimport '#own'\nimport './nothing.js'",
      'node.js': "import 'fs'",
      'web.js': 'export {}',
      'bare.js': 'export {}',
      'own.js': 'export {}',
      'nothing.js': "import 'fs'"
    }
  })
  const { map, plain, get } = await serve(t, path, ['moved'])
  const at = '/__libraries/moved@1.2.3/'
  t.strictSame(plain.scopes, { [at]: { [`${at}node.js`]: `${at}web.js`, [`${at}bare`]: `${at}bare.js`, '#own': `${at}own.js`, [`${at}nothing.js`]: '/__libraries/empty.js' } })
  t.equal((await get(Object.values(Object.values(map.scopes)[0] as object).at(-1))).text, 'export default {}\n')
})

test('packages that are linked, as pnpm, workspaces and npm link leave them', async t => {
  const elsewhere = folder(t, { 'lib/package.json': manifest({ name: 'linked', type: 'module', main: 'src/index.js' }), 'lib/src/index.js': "import '../other.js'\nimport 'link'", 'lib/other.js': 'export {}', 'node_modules/link/package.json': manifest({ name: 'link', type: 'module' }), 'node_modules/link/index.js': 'export {}' })
  const { path } = installed(t, {})
  mkdirSync(`${path}/node_modules`)
  symlinkSync(elsewhere.at('lib'), `${path}/node_modules/linked`)
  const { plain } = await serve(t, path, ['linked'])
  t.strictSame(plain, { imports: { linked: '/__libraries/linked@1.2.3/src/index.js' }, scopes: { '/__libraries/linked@1.2.3/': { link: '/__libraries/link@1.2.3/index.js' } } })
})

test('two versions of one package: each library gets its own', async t => {
  const { path } = installed(t, {
    a: { 'package.json': manifest({ name: 'a', type: 'module' }), 'index.js': "import 'link'", 'node_modules/link/package.json': manifest({ name: 'link', version: '2.0.0', type: 'module' }), 'node_modules/link/index.js': 'export {}' },
    b: { 'package.json': manifest({ name: 'b', type: 'module' }), 'index.js': "import 'link'" },
    link: { 'package.json': manifest({ name: 'link', type: 'module' }), 'index.js': 'export {}' }
  })
  const { plain } = await serve(t, path, ['a', 'b'])
  t.strictSame(plain.scopes, { '/__libraries/a@1.2.3/': { link: '/__libraries/link@2.0.0/index.js' }, '/__libraries/b@1.2.3/': { link: '/__libraries/link@1.2.3/index.js' } })
})

test('what packages have for development is taken in development', async t => {
  const { path } = installed(t, { two: { 'package.json': manifest({ name: 'two', type: 'module', exports: { development: './dev.js', production: './prod.js' } }), 'dev.js': 'export {}', 'prod.js': 'export {}' } })
  t.match((await serve(t, path, ['two'])).plain.imports.two, /dev\.js$/)
  t.match((await serve(t, path, ['two'], { enabled: false })).plain.imports.two, /prod\.js$/)
})

test('what pages cannot import is refused with its name, the reason, and what to do', async t => {
  const { path }: Folder = installed(t, {
    cjs: { 'package.json': manifest({ name: 'cjs' }), 'index.js': "'use strict'\nmodule.exports = require('./b')" },
    umd: { 'package.json': manifest({ name: 'umd' }), 'index.js': "(function (f) { typeof exports === 'object' ? f(exports) : f(this) })(x => x)" },
    old: { 'package.json': manifest({ name: 'old', main: 'index.cjs' }), 'index.cjs': '' },
    typed: { 'package.json': manifest({ name: 'typed', main: 'index.ts' }), 'index.ts': '' },
    server: { 'package.json': manifest({ name: 'server', type: 'module' }), 'index.js': "import 'node:fs'" },
    lost: { 'package.json': manifest({ name: 'lost', type: 'module' }), 'index.js': "import 'gone/sub'" },
    torn: { 'package.json': manifest({ name: 'torn', type: 'module' }), 'index.js': "import './gone.js'" },
    broken: { 'package.json': manifest({ name: 'broken', type: 'module' }), 'index.js': "import { from 'x'" },
    none: { 'package.json': manifest({ name: 'none', exports: { node: './x.js' } }), 'x.js': '' },
    off: { 'package.json': manifest({ name: 'off', main: 'index.js', browser: { './index.js': false } }), 'index.js': '' },
    outer: { 'package.json': manifest({ name: 'outer', type: 'module' }), 'index.js': "export * from 'cjs'" }
  })
  const rows: readonly (readonly [name: string, reason: RegExp])[] = [
    ['nope', /^is not installed: npm install nope$/],
    ['@a/nope/sub.js', /^is not installed: npm install @a\/nope$/],
    ['cjs', /^needs node_modules\/cjs\/index\.js, which is CommonJS: browsers import ES modules only\. Take a version that has them, or bundle it$/],
    ['umd', /^needs node_modules\/umd\/index\.js, which is CommonJS: /],
    ['old', /^needs node_modules\/old\/index\.cjs, which is CommonJS: /],
    ['outer', /^needs node_modules\/cjs\/index\.js, which is CommonJS: /],
    ['typed', /^needs node_modules\/typed\/index\.ts, which is no file that browsers import \(\.ts\)$/],
    ['server', /^imports "node:fs" in node_modules\/server\/index\.js, which only Node\.js has$/],
    ['lost', /^imports "gone\/sub" in node_modules\/lost\/index\.js, which is not installed: npm install gone$/],
    ['torn', /^imports "\.\/gone\.js" in node_modules\/torn\/index\.js, which cannot be found: /],
    ['broken', /^needs node_modules\/broken\/index\.js, which cannot be read: /],
    ['none', /^has no module of this name for browsers: .*not exported.*\.\/node_modules\/none/],
    ['cjs/gone.js', /^has no module of this name for browsers: /],
    ['off', /^says itself that it is not for browsers$/]
  ]
  for (const [name, reason] of rows) {
    const error = await load(path, [name]).then(() => undefined, cause => cause as Error & { code: string })
    t.equal(error?.code, 'FST_LIVE_RELOAD_INVALID_LIBRARY', name)
    const start = `live reload: the option \`importMap\` names ${name}, which `
    t.ok(error?.message.startsWith(start), String(error))
    t.match(error?.message.slice(start.length), reason, name)
  }
})

const LAX = `
import 'https://cdn.test/x.js'
import('gone')
import(\`./\${x}.js\`)
import(x)
import.meta.url`

test('what is loaded later, from an address or from what nobody knows before, is left to the browser; so is a script without imports', async t => {
  const { path } = installed(t, {
    lax: { 'package.json': manifest({ name: 'lax', type: 'module' }), 'index.js': LAX },
    script: { 'package.json': manifest({ name: 'script' }), 'index.js': 'window.up = (() => { const module = { exports: {} }; return use(module, module.exports) })()' }
  })
  const { plain } = await serve(t, path, ['lax', 'script'])
  t.strictSame(plain, { imports: { lax: '/__libraries/lax@1.2.3/index.js', script: '/__libraries/script@1.2.3/index.js' }, scopes: {} })
})
