// Packs the package, checks what would be published, and uses it as an app does. Needs `npm run build` before.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

// 1,100 KiB today: 940 of bundles with source maps, 160 of documents. The rest is room for growth, not for files packed by mistake.
const PACKED_LIMIT = 1200 * 1024
// Not packed: the sites of npm and GitHub show those of the repository.
const PICTURE = /^docs\/images\//
const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'live-reload-pack-'))
const failures = []

try {
  const packed = pack()
  checkContents(packed)
  const app = install(join(folder, packed.filename))
  checkUse(app)
  checkWithoutBinary(app)
  checkTypes(app)
  checkLowestVersions(join(folder, packed.filename))
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
for (const failure of failures) console.error(`FAIL ${failure}`)
if (failures.length > 0) process.exit(1)
console.log('the package is fit to be published')

function expect (what, holds, detail = '') {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  if (!holds) failures.push(`${what} ${detail}`)
}

function pack () {
  const text = run(npm(), ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)
  const [packed] = JSON.parse(text)
  console.log(`${packed.filename}: ${packed.files.length} files, ${kib(packed.size)} packed, ${kib(packed.unpackedSize)} unpacked`)
  return packed
}

function checkContents ({ files, size }) {
  const names = files.map(file => file.path)
  const own = ['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']
  const foreign = names.filter(name => !own.includes(name) && !/^(blueprints|dist|docs)\//.test(name))
  const deadLinks = names.filter(name => name.endsWith('.md')).flatMap(name => linksOf(name).filter(target => PICTURE.test(target) ? !existsSync(join(root, target)) : !names.some(one => one === target || one.startsWith(`${target}/`))).map(target => `${name}: ${target}`))
  const unwanted = names.filter(name => /\.test\.|(^|\/)test\/|(?<!\.d)\.ts$/.test(name))
  expect(`packed size is at most ${kib(PACKED_LIMIT)}`, size <= PACKED_LIMIT, `it is ${kib(size)}`)
  expect(`nothing but blueprints/, dist/, docs/, ${own.join(', ')}`, foreign.length === 0, foreign.join(', '))
  expect(`${own.join(', ')} are in it`, own.every(name => names.includes(name)))
  expect('no tests, no TypeScript sources', unwanted.length === 0, unwanted.join(', '))
  expect('every link of a document in it leads to a file in it, or to a picture of the repository', deadLinks.length === 0, deadLinks.join(', '))
  expect('the browser client is in it', names.some(name => /^dist\/lib\/browser\/.+\.js$/.test(name)))
  for (const target of new Set([manifest.main, manifest.types, ...targets(manifest.exports)])) {
    const [start, end] = target.replace('./', '').split('*')
    expect(`${target} is in it`, names.some(name => end === undefined ? name === start : name.startsWith(start) && name.endsWith(end)))
  }
}

/** Paths in the package that a document links to. */
function linksOf (name) {
  const text = readFileSync(join(root, name), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
  return [...text.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)].map(match => match[1]).filter(link => !/^[a-z]+:/.test(link)).map(link => posix.join(posix.dirname(name), link))
}

function targets (exports) {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(targets)
}

// Only what the manifest declares is within reach: an undeclared import fails here, as it would at a user's.
function install (tarball) {
  const app = join(folder, 'app')
  const home = join(app, 'node_modules', manifest.name)
  mkdirSync(home, { recursive: true })
  run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'], folder)
  for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), '@types/node']) {
    link(app, name)
  }
  return app
}

function link (app, name) {
  const path = join(app, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(join(root, 'node_modules', name), path, 'junction')
}

function checkUse (app) {
  const body = `
    const app = fastify()
    app.register(plugin, { root: __public, backend: 'poll' })
    app.inject({ url: '/__live/client.js', headers: { host: 'localhost' } })
      .then(reply => console.log(typeof plugin, typeof plugin.errors, typeof plugin.inProcess, typeof app.liveReload, reply.statusCode))
      .then(() => app.close())`.replace('__public', JSON.stringify(join(app, 'public')))
  const bundle = `
    const builder = esbuild({ stdin: { contents: 'export const a: number = 1', loader: 'ts' }, outfile: 'out.js' })
    builder.build({ id: '1', reason: 'manual', cwd: __app, changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
      .then(result => console.log(result.ok, ...result.outputs.map(path => path.slice(-6))))
      .then(() => builder.close())`.replace('__app', JSON.stringify(app))
  const isolated = `
    const builder = isolated(__file)
    builder.build({ id: '1', reason: 'manual', cwd: __app, changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
      .then(result => console.log(result.ok, result.meta.pid !== process.pid))
      .then(() => builder.close())`.replace('__app', JSON.stringify(app)).replace('__file', JSON.stringify(join(app, 'module.mjs')))
  const remote = "console.log(typeof serveShards, distributed({ connection: 'redis://localhost', store: 'store', secret: '0123456789abcdef' }).name)"
  writeFileSync(join(app, 'remote.mjs'), `import { distributed, serveShards } from '${manifest.name}/distributed'\n${remote}`)
  writeFileSync(join(app, 'remote.cjs'), `const { distributed, serveShards } = require('${manifest.name}/distributed')\n${remote}`)
  writeFileSync(join(app, 'module.mjs'), 'export default () => ({ meta: { pid: process.pid } })')
  const shards = `
    const builder = sharded({ pages: () => ['a', 'b'].map(id => ({ id })), shard: __file, outDir: __out, cache: fileCache(__cache) })
    builder.build({ id: '1', reason: 'manual', cwd: __app, changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
      .then(result => console.log(result.ok, result.counts.files))
      .then(() => builder.close())`.replace('__app', JSON.stringify(app)).replace('__file', JSON.stringify(join(app, 'shard.mjs'))).replace('__out', JSON.stringify(join(app, 'site'))).replace('__cache', JSON.stringify(join(app, 'cache')))
  const start = `
    const app = fastify()
    listen(app, { ports: 0 })
      .then(({ address, port }) => console.log(address === \`http://localhost:\${port}\`))
      .then(() => app.close())`
  writeFileSync(join(app, 'start.mjs'), `import fastify from 'fastify'\nimport { listen } from '${manifest.name}/dev'\n${start}`)
  writeFileSync(join(app, 'start.cjs'), `const fastify = require('fastify')\nconst { listen } = require('${manifest.name}/dev')\n${start}`)
  const kit = `
    const app = fastify()
    app.register(plugin, { backend: 'poll' })
    app.ready()
      .then(() => applied(app, () => app.liveReload.reload()))
      .then(({ type }) => console.log(type, typeof testBuilder))
      .then(() => app.close())`
  writeFileSync(join(app, 'kit.mjs'), `import fastify from 'fastify'\nimport plugin from '${manifest.name}'\nimport { applied, testBuilder } from '${manifest.name}/testing'\n${kit}`)
  writeFileSync(join(app, 'kit.cjs'), `const fastify = require('fastify')\nconst plugin = require('${manifest.name}')\nconst { applied, testBuilder } = require('${manifest.name}/testing')\n${kit}`)
  writeFileSync(join(app, 'primary.mjs'), `import { shareTabs } from '${manifest.name}/cluster'\nconsole.log(shareTabs())`)
  writeFileSync(join(app, 'primary.cjs'), `const { shareTabs } = require('${manifest.name}/cluster')\nconsole.log(shareTabs())`)
  const views = 'console.log(Object.keys(viewFiles(fastify(), { ejs: { compile () {} } })).join())'
  writeFileSync(join(app, 'views.mjs'), `import fastify from 'fastify'\nimport { viewFiles } from '${manifest.name}/views'\n${views}`)
  writeFileSync(join(app, 'views.cjs'), `const fastify = require('fastify')\nconst { viewFiles } = require('${manifest.name}/views')\n${views}`)
  writeFileSync(join(app, 'shard.mjs'), 'export default ({ pages }) => ({ files: Object.fromEntries(pages.map(({ id }) => [id, id])) })')
  writeFileSync(join(app, 'shards.mjs'), `import { fileCache, sharded } from '${manifest.name}/shards'\n${shards}`)
  writeFileSync(join(app, 'shards.cjs'), `const { fileCache, sharded } = require('${manifest.name}/shards')\n${shards}`)
  writeFileSync(join(app, 'bundle.mjs'), `import { esbuild } from '${manifest.name}/esbuild'\n${bundle}`)
  writeFileSync(join(app, 'bundle.cjs'), `const { esbuild } = require('${manifest.name}/esbuild')\n${bundle}`)
  writeFileSync(join(app, 'isolated.mjs'), `import { isolated } from '${manifest.name}'\n${isolated}`)
  writeFileSync(join(app, 'isolated.cjs'), `const { isolated } = require('${manifest.name}')\n${isolated}`)
  writeFileSync(join(app, 'use.mjs'), `import fastify from 'fastify'\nimport plugin, { liveReload } from '${manifest.name}'\nif (plugin !== liveReload) throw new Error('two plugins')\n${body}`)
  writeFileSync(join(app, 'use.cjs'), `const fastify = require('fastify')\nconst plugin = require('${manifest.name}')\n${body}`)
  for (const [file, what, expected] of [
    ['use.mjs', 'import gives the plugin, and it serves', 'function object function object 200'],
    ['use.cjs', 'require() gives the plugin, and it serves', 'function object function object 200'],
    ['bundle.mjs', 'import of /esbuild bundles', 'true out.js'],
    ['bundle.cjs', 'require() of /esbuild bundles', 'true out.js'],
    ['shards.mjs', 'import of /shards builds a site', 'true 2'],
    ['shards.cjs', 'the same after require()', 'true 2'],
    ['remote.mjs', 'import of /distributed gives a runner', 'function distributed'],
    ['remote.cjs', 'require() of /distributed gives a runner', 'function distributed'],
    ['start.mjs', 'import of /dev starts an app', 'true'],
    ['start.cjs', 'the same after require()', 'true'],
    ['kit.mjs', 'import of /testing sees a reload', 'reload function'],
    ['kit.cjs', 'the same after require()', 'reload function'],
    ['primary.mjs', 'import of /cluster shares the tabs of workers', 'undefined'],
    ['primary.cjs', 'the same after require()', 'undefined'],
    ['views.mjs', 'import of /views follows an engine', 'ejs'],
    ['views.cjs', 'the same after require()', 'ejs'],
    ['isolated.mjs', 'a module is built in a child process', 'true true'],
    ['isolated.cjs', 'the same after require()', 'true true']
  ]) {
    const said = attempt(() => run(process.execPath, ['--disable-warning=ExperimentalWarning', join(app, file)], app).trim())
    expect(what, said === expected, said)
  }
  // Optional: the plugin must not need it.
  rmSync(join(app, 'node_modules', 'esbuild'))
  const said = attempt(() => run(process.execPath, [join(app, 'use.mjs')], app).trim())
  expect('without esbuild the plugin is the same', said.endsWith(' 200'), said)
  link(app, 'esbuild')
}

// `npm ci --omit=optional`, or node_modules of another system: @parcel/watcher is there, the package with its program is not.
function checkWithoutBinary (app) {
  const watcher = join(app, 'node_modules/@parcel/watcher')
  rmSync(watcher)
  cpSync(join(root, 'node_modules/@parcel/watcher'), watcher, { recursive: true })
  for (const name of Object.keys(JSON.parse(readFileSync(join(watcher, 'package.json'), 'utf8')).dependencies)) {
    if (!existsSync(join(app, 'node_modules', name))) link(app, name)
  }
  mkdirSync(join(app, 'public'), { recursive: true })
  writeFileSync(join(app, 'without-binary.mjs'), `import fastify from 'fastify'
import liveReload from '${manifest.name}'
const lines = []
const app = fastify({ logger: { stream: { write: line => lines.push(line) } } })
await app.register(liveReload, { root: ${JSON.stringify(join(app, 'public'))} })
await app.listen({ port: 0 })
await app.liveReload.ready
const isNamed = () => lines.some(line => line.includes('@parcel/watcher-${process.platform}'))
for (const end = Date.now() + 10_000; !isNamed() && Date.now() < end;) await new Promise(resolve => setTimeout(resolve, 20))
console.log(app.liveReload.status().watch.state, isNamed())
await app.close()`)
  const said = attempt(() => run(process.execPath, [join(app, 'without-binary.mjs')], app).trim())
  expect('without the binary of @parcel/watcher the app starts, polls and names the package', said === 'polling true', said)
  rmSync(watcher, { recursive: true })
  link(app, '@parcel/watcher')
}

function checkTypes (app) {
  const body = `
const extras: EsbuildExtras = { name: 'bundle' }
const builder: Builder = steps(command('tsc'), isolated('build.js'), staged(esbuild({ entryPoints: ['a.ts'] }, extras), { dir: 'dist' }))
const options: LiveReloadOptions = { root: 'public', build: { source: 'src', builder, before: 'tsc', after: [['tsc', '-v']], afterFailure: 'fail', timeout: 1000 } }
const app = fastify()
app.register(liveReload, options)
app.liveReload.on('build:end', ({ name, result }: LiveReloadEvents['build:end']) => name + String(result?.ms))
export const clients: number = app.liveReload.clients
export const code: string = new errors.FST_LIVE_RELOAD_DUPLICATE('x').code
`
  const imports = `import fastify from 'fastify'
import liveReload, { command, errors, isolated, staged, steps, type Builder, type LiveReloadEvents, type LiveReloadOptions } from '${manifest.name}'
import { esbuild, type EsbuildExtras } from '${manifest.name}/esbuild'
import { by, sharded, type Page, type ShardedOptions } from '${manifest.name}/shards'
import { devCertificate, listen, type DevCertificate, type Listening } from '${manifest.name}/dev'
import { shareTabs } from '${manifest.name}/cluster'
import { viewFiles } from '${manifest.name}/views'
export const shared: void = shareTabs()
export const engine: { ejs: object } = viewFiles(fastify(), { ejs: {} })
export const started: Promise<Listening> = listen(fastify({ http2: true, https: {} }), { ports: [3000, 0], host: '::' })
export const certificate: Promise<DevCertificate> = devCertificate({ hosts: ['localhost'] })
export const secure = async () => listen(fastify({ https: await certificate }), { https: 'auto' })
const page: Page = { id: 'a' }
const site: ShardedOptions = { pages: () => [page], shard: 'shard.js', partition: by.each(by.version, by.kind) }
export const sites: Builder = sharded(site)
${body}`
  for (const file of ['use.ts', 'use.mts', 'use.cts']) writeFileSync(join(app, file), imports)
  writeFileSync(join(app, 'require.cts'), `import fastify = require('fastify')
import liveReload = require('${manifest.name}')
import bundler = require('${manifest.name}/esbuild')
import shards = require('${manifest.name}/shards')
import dev = require('${manifest.name}/dev')
import testing = require('${manifest.name}/testing')
export const clock: testing.ManualClock = testing.manualClock()
export const started: Promise<dev.Listening> = dev.listen(fastify(), { ports: 3000 })
const page: shards.Page = { id: 'a' }
export const site: liveReload.Builder = shards.sharded({ pages: () => [page], shard: 'shard.js', partition: shards.by.hash })
const { command, errors, isolated, staged, steps } = liveReload
const { esbuild } = bundler
type Builder = liveReload.Builder
type LiveReloadEvents = liveReload.LiveReloadEvents
type LiveReloadOptions = liveReload.LiveReloadOptions
type EsbuildExtras = bundler.EsbuildExtras
${body}`)
  const old = { moduleResolution: 'node10', ignoreDeprecations: '6.0', esModuleInterop: true }
  for (const [name, options, files] of [
    ['node16', { module: 'node16' }, ['use.mts', 'use.cts', 'require.cts']],
    ['nodenext', { module: 'nodenext' }, ['use.mts', 'use.cts', 'require.cts']],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler' }, ['use.ts']],
    ['bundler, CommonJS', { module: 'commonjs', moduleResolution: 'bundler', esModuleInterop: true }, ['use.ts']],
    ['node10', { module: 'commonjs', ...old }, ['use.ts']]
  ]) {
    const config = { target: 'ES2022', strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, types: ['node'], ...options }
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: config, files }))
    const said = attempt(() => run(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', app], app))
    expect(`its types are found and hold: ${name}`, said === '', said)
  }
}

// Ranges begin where things still work: whoever only takes releases of some age, or has pinned an older one, can install it.
function checkLowestVersions (tarball) {
  const app = join(folder, 'lowest')
  const lowest = Object.fromEntries(Object.entries({ ...manifest.dependencies, fastify: manifest.peerDependencies.fastify }).map(([name, range]) => [name, /\d[\d.]*/.exec(range)[0]]))
  mkdirSync(join(app, 'public'), { recursive: true })
  writeFileSync(join(app, 'public/index.html'), '<!doctype html><title>page</title>')
  writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: { ...lowest, [manifest.name]: `file:${tarball}` } }))
  writeFileSync(join(app, 'serve.js'), `import fastify from 'fastify'
import liveReload from '${manifest.name}'
import { writeFileSync } from 'node:fs'
const app = fastify()
await app.register(liveReload, { root: 'public', ignore: ['*.tmp'] })
const address = await app.listen({ port: 0, host: '127.0.0.1' })
await app.liveReload.ready
const page = await (await fetch(address)).text()
const tag = /data-live-reload="([^"]+)"[^>]*data-token="([^"]+)"|data-token="([^"]+)"/.exec(page)
const socket = new WebSocket(address.replace('http', 'ws') + '/__live/socket?token=' + (tag?.[2] ?? tag?.[3]))
const types = []
await new Promise((resolve, reject) => {
  setTimeout(reject, 10000, new Error('no message: ' + types)).unref()
  socket.onerror = reject
  socket.onmessage = ({ data }) => {
    types.push(JSON.parse(data).type)
    if (types.length === 1) writeFileSync('public/index.html', '<!doctype html><title>other</title>')
    else resolve()
  }
})
console.log(...types)
socket.close()
await app.close()`)
  writeFileSync(join(app, 'live-reload.config.js'), `import { command } from '${manifest.name}'
export default { build: { name: 'docs', source: 'public', builder: command(['node', '-e', 'if (process.env.LIVE_RELOAD_PROFILE !== "production") process.exit(1)']) } }`)
  const start = performance.now()
  const installed = attempt(() => run(npm(), ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error'], app) && '')
  const versions = attempt(() => Object.entries(lowest).filter(([name, version]) => JSON.parse(readFileSync(join(app, 'node_modules', name, 'package.json'), 'utf8')).version !== version).join())
  const said = attempt(() => run(process.execPath, ['--experimental-websocket', 'serve.js'], app).trim())
  const built = attempt(() => run(npx(), ['--no', manifest.name, 'build'], app).trim())
  expect(`npx ${manifest.name} build runs the builds of its config`, /^docs: done in [\d.]+ s$/.test(built), built)
  const made = attempt(() => run(npx(), ['--no', manifest.name, 'new', 'my-app', '--no-install'], app).trim())
  expect(`npx ${manifest.name} new makes an app`, made.startsWith('my-app: ') && existsSync(join(app, 'my-app/package.json')), made)
  expect(`with the lowest versions of what it needs it serves, and tells a change (${Math.round((performance.now() - start) / 1000)} s)`, versions === '' && said === 'hello reload', `${installed} ${versions} ${said}`)
}

function attempt (work) {
  try {
    return work()
  } catch (error) {
    return `failed: ${error.stdout ?? ''}${error.stderr ?? error.message}`
  }
}

function run (command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell: command.endsWith('.cmd') })
}

function npm () {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm'
}

function npx () {
  return npm().replace('npm', 'npx')
}

function kib (bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
