// Bundles the server: a file per entry and program, few chunks for what entries share or import later, and source maps.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { build } from 'esbuild'

// The only ways in which the sources name a file beside them, and one that is loaded later.
const FILE_URL = /new URL\('(\.{1,2}\/[^']*)', import\.meta\.url\)/g
const LATER = /\bimport\('(\.{1,2}\/[^']*)'\)/g

// An `import` of a CommonJS package reads and parses each of its files twice, which takes three times as long as `require()`.
const REQUIRE = "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)"

/** All packages that the server imports at its start are CommonJS. What it imports later, and may miss, stays an `import()`. */
const requirePackages = {
  name: 'require-packages',
  setup ({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind, namespace }) => {
      if (namespace === 'package') return { path, external: true }
      if (kind === 'import-statement' && !isBuiltin(path)) return { path, namespace: 'package' }
    })
    onLoad({ filter: /./, namespace: 'package' }, ({ path }) => ({ contents: `module.exports = require(${JSON.stringify(path)})`, loader: 'js' }))
  }
}

/**
 * `entries`: files of `source` that apps import. Programs are bundled each by itself, those that the server starts and the one of the command line:
 * with what it shares with the entries in a file, every start of an app would load one file more.
 */
export async function bundleServer (source, outdir, entries, program) {
  const [programs, later] = await Promise.all([findNamed(source, FILE_URL), findNamed(source, LATER)])
  const options = {
    outdir,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    sourcesContent: true,
    metafile: true,
    logLevel: 'warning',
    banner: { js: REQUIRE },
    // An import for its own sake counts, whatever package.json says of side effects.
    ignoreAnnotations: true
  }
  const heads = [...entries.map(name => join(source, name)), ...later]
  // An `index.ts` in a folder is named after that.
  const entryPoints = entries.map(name => ({ in: join(source, name), out: basename(name.replace(/\/index\.ts$/, ''), '.ts') }))
  await build({ ...options, entryPoints: [...programs], plugins: [readSources(source), requirePackages] })
  await build({ ...options, entryPoints: [join(source, program)], plugins: [keepEntries(entryPoints), readSources(source), requirePackages] })
  return await build({ ...options, entryPoints, splitting: true, plugins: [readSources(source, heads), requirePackages] })
}

/** The program imports entries, which its config imports as well, from their own bundles. */
function keepEntries (entryPoints) {
  return {
    name: 'keep-entries',
    setup ({ onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const entry = entryPoints.find(one => one.in === resolve(resolveDir, path.replace(/\.js$/, '.ts')))
        return entry && { path: `./${entry.out}.js`, external: true }
      })
    }
  }
}

/** Files of the sources that they name themselves, as `./name.js`. */
async function findNamed (source, pattern) {
  const found = new Set()
  for (const name of await readdir(source, { recursive: true })) {
    if (!name.endsWith('.ts') || name.startsWith(`browser${sep}`)) continue
    const file = join(source, name)
    for (const [, url] of (await readFile(file, 'utf8')).matchAll(pattern)) {
      const named = resolve(dirname(file), url.replace(/\.js$/, '.ts'))
      if (url.endsWith('.js') && existsSync(named)) found.add(named)
    }
  }
  return found
}

/**
 * All bundles lie in one folder, so the URL of a file beside a source has to become that of its place in the output.
 * Each of `heads`, from which files are loaded, imports the first of them and `shared/` too: that becomes one chunk.
 * Otherwise esbuild makes a chunk for each set of them that share a file, and a start takes about a millisecond for each chunk.
 */
function readSources (source, heads = []) {
  const move = (file, url) => {
    const target = relative(source, resolve(dirname(file), url)).split(sep).join('/')
    const isProgram = target.endsWith('.js') && existsSync(join(source, target.replace(/\.js$/, '.ts')))
    if (!isProgram && !target.startsWith('browser')) throw new Error(`${file}: ${url} is neither a program nor in browser/, so it has no place in the output`)
    return isProgram ? `./${target.split('/').at(-1)}` : `./${target}${url.endsWith('/') ? '/' : ''}`
  }
  return {
    name: 'read-sources',
    setup ({ onResolve, onLoad }) {
      onResolve({ filter: /^common$/ }, ({ path }) => ({ path, namespace: 'common' }))
      onLoad({ filter: /./, namespace: 'common' }, async () => {
        const shared = (await readdir(join(source, 'shared'), { recursive: true })).filter(name => name.endsWith('.ts')).map(name => join(source, 'shared', name))
        return { contents: [heads[0], ...shared].map(file => `import ${JSON.stringify(file)}`).join('\n'), resolveDir: source }
      })
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const contents = (await readFile(path, 'utf8')).replace(FILE_URL, (_, url) => `new URL('${move(path, url)}', import.meta.url)`)
        return { contents: heads.includes(path) ? `${contents}import 'common'\n` : contents, loader: 'ts' }
      })
    }
  }
}
