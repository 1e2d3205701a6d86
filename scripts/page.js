// Builds the scripts of the page: esbuild bundles them and minifies their style sheets, terser makes them small.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, transform } from 'esbuild'
import { minify } from 'terser'

const target = ['chrome111', 'firefox113', 'safari16.4']

/** A style sheet is the one template of a file named style.ts. */
const smallStyles = {
  name: 'small-styles',
  setup ({ onLoad }) {
    onLoad({ filter: /\bstyle\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const [, sheet] = /= (`[^`]*`)/.exec(source)
      const { code } = await transform(sheet.slice(1, -1), { loader: 'css', minify: true, target })
      return { contents: source.replace(sheet, () => JSON.stringify(code.trim())), loader: 'ts' }
    })
  }
}

// DevTools skip the frames of files on the ignore list, so a line of the console shows the place that logged it, not our wrapper.
const MAP = { version: 3, sources: ['live-reload'], sourcesContent: [''], names: [], mappings: 'AAAA', ignoreList: [0], x_google_ignoreList: [0] }
const IGNORED = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(MAP)).toString('base64')}\n`

/** Name, entry and format: a classic script for every page, modules that it imports when needed, and the script of the status page. */
const SCRIPTS = [
  ['client.min.js', 'client.ts', 'iife'],
  ['console.min.js', 'console.ts', 'iife'],
  ['more.min.js', 'more.ts', 'esm'],
  ['morph.min.js', 'morph/morph.ts', 'esm'],
  ['status.min.js', 'status/page.ts', 'iife']
]

/** Tests read the scripts beside their sources, apps in `outdir`. */
export async function buildPage (source, outdir) {
  await mkdir(outdir, { recursive: true })
  await Promise.all(SCRIPTS.map(async ([name, entry, format]) => {
    await buildScript(join(source, entry), join(source, name), format, name === 'console.min.js')
    await copyFile(join(source, name), join(outdir, name))
  }))
}

/** `format`: `iife` for a classic script, `esm` for a module that others import. */
async function buildScript (entry, outfile, format, ignored = false) {
  const { outputFiles: [bundle] } = await build({ entryPoints: [entry], bundle: true, minify: true, format, target, legalComments: 'none', logLevel: 'warning', plugins: [smallStyles], write: false })
  const { code } = await minify(bundle.text, {
    ecma: 2020,
    module: format === 'esm',
    toplevel: true,
    // Arrows for functions that are not constructed, functions first, four rounds: measured, the rest gains nothing.
    compress: { passes: 4, hoist_funs: true, unsafe_arrows: true, unsafe_methods: true, keep_fargs: false }
  })
  await writeFile(outfile, ignored ? code + IGNORED : code)
}
