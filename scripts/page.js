// Builds the scripts of the page: esbuild bundles them and minifies their style sheets, terser makes them small.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, transform } from 'esbuild'
import { minify } from 'terser'
import { lowerClasses } from './lower-classes.js'

const target = ['chrome111', 'firefox113', 'safari16.4']

/** Minifies the style sheets, each of them the only template of a file named style.ts, and lowers classes. */
const smaller = {
  name: 'smaller',
  setup ({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      if (!path.endsWith('style.ts')) return { contents: lowerClasses(source), loader: 'ts' }
      const [, sheet] = /= (`[^`]*`)/.exec(source)
      const { code } = await transform(sheet.slice(1, -1), { loader: 'css', minify: true, target })
      return { contents: source.replace(sheet, () => JSON.stringify(code.trim())), loader: 'ts' }
    })
  }
}

// DevTools skip the frames of files on the ignore list, so a line of the console shows the place that logged it, not our wrapper.
const MAP = { version: 3, sources: ['live-reload'], sourcesContent: [''], names: [], mappings: 'AAAA', ignoreList: [0], x_google_ignoreList: [0] }
const IGNORED = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(MAP)).toString('base64')}\n`

// Names of properties that only our own code knows: neither the wire nor the DOM nor `window.__liveReload`, which a test checks. All scripts get the same short names, as they share objects.
const INTERNAL = JSON.parse(await readFile(new URL('internal-names.json', import.meta.url), 'utf8'))
const mangleProps = new RegExp(`^(?:${INTERNAL.join('|')})$`)
let mangleCache = {}

/** Name, entry and format: a classic script for every page, modules that it imports when needed, and the script of the status page. */
const SCRIPTS = [
  ['client.min.js', 'client.ts', 'iife'],
  ['console.min.js', 'console.ts', 'iife'],
  ['more.min.js', 'lazy.ts', 'esm'],
  ['failures.min.js', 'overlay/overlay.ts', 'esm'],
  ['morph.min.js', 'morph/morph.ts', 'esm'],
  ['status.min.js', 'status/page.ts', 'iife']
]

/** Tests read the scripts beside their sources, apps in `outdir`. */
export async function buildPage (source, outdir) {
  await mkdir(outdir, { recursive: true })
  // One after the other, as each takes over the short names of the ones before.
  for (const [name, entry, format] of SCRIPTS) {
    await buildScript(join(source, entry), join(source, name), format, name === 'console.min.js')
    await copyFile(join(source, name), join(outdir, name))
  }
}

/** `format`: `iife` for a classic script, `esm` for a module that others import. */
async function buildScript (entry, outfile, format, ignored = false) {
  const { outputFiles: [bundle], mangleCache: names } = await build({ entryPoints: [entry], bundle: true, minify: true, format, target, legalComments: 'none', logLevel: 'warning', plugins: [smaller], mangleProps, mangleCache, write: false })
  mangleCache = names
  const { code } = await minify(bundle.text, {
    ecma: 2020,
    module: format === 'esm',
    toplevel: true,
    // Measured: other options gain nothing.
    compress: { passes: 4, hoist_funs: format === 'esm', if_return: false, sequences: false, unsafe_arrows: true, unsafe_methods: true, keep_fargs: false }
  })
  await writeFile(outfile, ignored ? code + IGNORED : code)
}
