// What the built package loads: with `enabled: false` nothing but what serves files, otherwise nothing that can wait, in few files.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'tap'
import { folder } from './support/folder.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ENTRY = new URL('../dist/lib/index.js', import.meta.url)
const UNWANTED = /^lib\/(?:pipeline\.ts|live\/core\.ts|(?:watch|broadcast|classify|inject|client|features|builds\/(?:scheduler|hooks|executors|processes))\/)/
/** Small helpers of the builders that an app imports with the plugin, and what registers plugins as they are. */
const ALLOWED = [
  ...['register', 'discover', 'plugin-module'].map(name => `lib/features/hot-plugins/plain/${name}.ts`),
  ...['hot', 'kept', 'limit', 'shared'].map(name => `lib/features/hot-plugins/state/${name}.ts`),
  'lib/builds/executors/choose.ts', 'lib/builds/processes/tokenise.ts', 'lib/builds/scheduler/deadline.ts']

/** Prints the URL of every ES module that the process loads. The program adds what it required. */
const HOOKS = "import { writeSync } from 'node:fs'\nexport async function load (url, context, next) { writeSync(1, url + '\\n'); return next(url, context) }"

/** Each file of its own costs a start about a millisecond: the entry, what all bundles share, the core, what it shares with the import map, and what serves files. */
const MAX_BUNDLES = 5

/** Files of packages, bundles, and their sources, as paths from the project's root. */
function loadedBy (program: string): string[] {
  const setup = `import { register } from 'node:module'\nregister(${JSON.stringify(toDataUrl(HOOKS))})`
  const printed = execFileSync(process.execPath, ['--import', toDataUrl(setup), program], { encoding: 'utf8' })
  return printed.split('\n').filter(url => url.startsWith('file:')).flatMap(url => {
    const file = fileURLToPath(url)
    const map = `${file}.map`
    if (!file.startsWith(fileURLToPath(new URL('.', ENTRY))) || !existsSync(map)) return relative(ROOT, file)
    const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { sources: string[] }
    return [file, ...sources.map(source => resolve(dirname(file), source))].map(path => relative(ROOT, path))
  }).map(path => path.replaceAll('\\', '/'))
}

function toDataUrl (code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`
}

test('enabled: false loads neither watch, broadcast, injection nor features, and no native package', t => {
  const { at, write } = folder(t, { 'public/index.html': '<title>x</title>', 'plugins/a.mjs': 'export default async () => {}' })
  const program = (enabled: boolean, withPlugins = true): string => {
    write(`${enabled}.mjs`, `
      import Fastify from ${JSON.stringify(import.meta.resolve('fastify'))}
      import liveReload from ${JSON.stringify(pathToFileURL(fileURLToPath(ENTRY)).href)}
      const app = Fastify()
      await app.register(liveReload, { enabled: ${enabled}, ${withPlugins ? `plugins: { dir: ${JSON.stringify(at('plugins'))} },` : ''} root: ${JSON.stringify(at('public'))}, build: { source: 'src', builder: liveReload.isolated('build.js') } })
      await app.ready()
      await app.liveReload.ready
      await app.close()
      const { default: { _cache } } = await import('node:module')
      for (const file of Object.keys(_cache)) console.log('file://' + file)`)
    return at(`${enabled}.mjs`)
  }
  const off = loadedBy(program(false))
  t.ok(off.includes('lib/static/roots.ts'), 'files are served')
  t.strictSame(off.filter(path => UNWANTED.test(path) && !ALLOWED.includes(path)), [])
  t.strictSame(off.filter(path => /@parcel\/watcher|@fastify\/websocket|picomatch|\/esbuild\//.test(path)), [])
  t.ok(off.includes('lib/features/hot-plugins/plain/register.ts'), 'plugins are registered')
  t.strictSame(loadedBy(program(false, false)).filter(path => path.includes('hot-plugins')), [], 'without the option nothing of it is loaded')
  t.strictSame(loadedBy(program(true, false)).filter(path => path.includes('hot-plugins') || path.includes('/esbuild/')), [], 'neither when the plugin is on')
  const on = loadedBy(program(true))
  t.ok(on.some(path => path.includes('@fastify/websocket')), 'packages are seen when the plugin is on')
  for (const path of ['lib/live/core.ts', 'lib/watch/watch.ts', 'lib/broadcast/hub.ts', 'lib/features/index.ts', 'lib/features/hot-plugins/index.ts']) t.ok(on.includes(path), `${path} is seen when the plugin is on`)
  t.end()
})

test('enabled: true loads at its start what every start needs, in few files', t => {
  const { at, write } = folder(t, { 'public/index.html': '<title>x</title>' })
  write('start.mjs', `
    import Fastify from ${JSON.stringify(import.meta.resolve('fastify'))}
    import liveReload from ${JSON.stringify(ENTRY.href)}
    const app = Fastify()
    await app.register(liveReload, { enabled: true, root: ${JSON.stringify(at('public'))} })
    await app.ready()
    const { default: { _cache } } = await import('node:module')
    for (const file of Object.keys(_cache)) console.log('file://' + file)
    await app.close()`)
  const on = loadedBy(at('start.mjs'))
  t.ok(on.includes('lib/live/core.ts') && on.includes('lib/features/error-pages/index.ts'), 'the core and the features are seen')
  t.strictSame(on.filter(path => /@parcel\/watcher|picomatch|node_modules\/ignore\/|lib\/builds\/(?:processes\/(?!tokenise)|executors\/(?!choose))|lib\/features\/(?:editor\/launch|morph|page-console|hot-plugins)|import-map\/|enhanced-resolve|es-module-lexer/.test(path)), [], 'what can wait is not')
  const bundles = on.filter(path => /^dist\/.*\.js$/.test(path))
  t.ok(bundles.length <= MAX_BUNDLES, `${bundles.length} files of the package are loaded`)
  t.end()
})
