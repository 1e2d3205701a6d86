// Packs the package, checks what would be published, and uses it as an app does. Needs `npm run build` before.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

// 700 KiB today: 360 of bundles with source maps, 250 of pictures, 90 of documents. The rest is room for growth, not for files packed by mistake.
const PACKED_LIMIT = 740 * 1024
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
  const foreign = names.filter(name => !own.includes(name) && !/^(dist|docs)\//.test(name))
  const deadLinks = names.filter(name => name.endsWith('.md')).flatMap(name => linksOf(name).filter(target => !names.some(one => one === target || one.startsWith(`${target}/`))).map(target => `${name}: ${target}`))
  const unwanted = names.filter(name => /\.test\.|(^|\/)test\/|(?<!\.d)\.ts$/.test(name))
  expect(`packed size is at most ${kib(PACKED_LIMIT)}`, size <= PACKED_LIMIT, `it is ${kib(size)}`)
  expect(`nothing but dist/, docs/, ${own.join(', ')}`, foreign.length === 0, foreign.join(', '))
  expect(`${own.join(', ')} are in it`, own.every(name => names.includes(name)))
  expect('no tests, no TypeScript sources', unwanted.length === 0, unwanted.join(', '))
  expect('every link of a document in it leads to a file in it', deadLinks.length === 0, deadLinks.join(', '))
  expect('the browser client is in it', names.some(name => /^dist\/lib\/browser\/.+\.js$/.test(name)))
  for (const target of new Set([manifest.main, manifest.types, ...targets(manifest.exports)])) {
    expect(`${target} is in it`, names.includes(target.replace('./', '')))
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
  writeFileSync(join(app, 'module.mjs'), 'export default () => ({ meta: { pid: process.pid } })')
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
await app.ready()
await app.liveReload.ready
console.log(app.liveReload.status().watch.state, lines.some(line => line.includes('@parcel/watcher-${process.platform}')))
await app.close()`)
  const said = attempt(() => run(process.execPath, [join(app, 'without-binary.mjs')], app).trim())
  expect('without the binary of @parcel/watcher the app starts, polls and names the package', said === 'polling true', said)
  rmSync(watcher, { recursive: true })
  link(app, '@parcel/watcher')
}

function checkTypes (app) {
  writeFileSync(join(app, 'use.mts'), `import fastify from 'fastify'
import liveReload, { command, errors, isolated, staged, steps, type Builder, type LiveReloadOptions } from '${manifest.name}'
import { esbuild, type EsbuildExtras } from '${manifest.name}/esbuild'
const extras: EsbuildExtras = { name: 'bundle' }
const builder: Builder = steps(command('tsc'), isolated('build.js'), staged(esbuild({ entryPoints: ['a.ts'] }, extras), { dir: 'dist' }))
const options: LiveReloadOptions = { root: 'public', build: { source: 'src', builder, before: 'tsc', after: [['tsc', '-v']], afterFailure: 'fail', timeout: 1000 } }
const app = fastify()
await app.register(liveReload, options)
export const clients: number = app.liveReload.clients
export const code: string = new errors.FST_LIVE_RELOAD_DUPLICATE('x').code
`)
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { module: 'NodeNext', target: 'ES2022', strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, types: ['node'] },
    files: ['use.mts']
  }))
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const said = attempt(() => run(process.execPath, [tsc, '-p', app], app))
  expect('its types are found and hold', said === '', said)
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

function kib (bytes) {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
