// Bundles the server: a file per entry, chunks for what entries share or import later, and source maps.
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { build } from 'esbuild'

// The only way in which the sources name a file beside them.
const FILE_URL = /new URL\('(\.{1,2}\/[^']*)', import\.meta\.url\)/g

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

/** `entries`: files of `source` that apps import. Programs that the server starts become entries by themselves. */
export async function bundleServer (source, outdir, entries) {
  return await build({
    entryPoints: [...entries.map(name => join(source, name)), ...await findPrograms(source)],
    outdir,
    entryNames: '[name]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    sourcesContent: true,
    metafile: true,
    logLevel: 'warning',
    banner: { js: REQUIRE },
    plugins: [flatFileUrls(source), requirePackages]
  })
}

/** Files that the sources start as processes or threads: `new URL('./child.js', import.meta.url)`, with a `child.ts` beside it. */
async function findPrograms (source) {
  const programs = new Set()
  for (const name of await readdir(source, { recursive: true })) {
    if (!name.endsWith('.ts') || name.startsWith(`browser${sep}`)) continue
    const file = join(source, name)
    for (const [, url] of (await readFile(file, 'utf8')).matchAll(FILE_URL)) {
      const program = resolve(dirname(file), url.replace(/\.js$/, '.ts'))
      if (url.endsWith('.js') && existsSync(program)) programs.add(program)
    }
  }
  return programs
}

/** All bundles lie in one folder, so the URL of a file beside a source has to become that of its place in the output. */
function flatFileUrls (source) {
  const move = (file, url) => {
    const target = relative(source, resolve(dirname(file), url)).split(sep).join('/')
    const isProgram = target.endsWith('.js') && existsSync(join(source, target.replace(/\.js$/, '.ts')))
    if (!isProgram && !target.startsWith('browser')) throw new Error(`${file}: ${url} is neither a program nor in browser/, so it has no place in the output`)
    return isProgram ? `./${target.split('/').at(-1)}` : `./${target}${url.endsWith('/') ? '/' : ''}`
  }
  return {
    name: 'flat-file-urls',
    setup ({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const contents = await readFile(path, 'utf8')
        return { contents: contents.replace(FILE_URL, (_, url) => `new URL('${move(path, url)}', import.meta.url)`), loader: 'ts' }
      })
    }
  }
}
