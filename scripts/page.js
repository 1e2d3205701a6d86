// The page's scripts: bundled by esbuild, made small by terser, and their style sheets by esbuild's own minifier.
import { readFile, writeFile } from 'node:fs/promises'
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

// DevTools pass over frames of what is on this list: lines of the console are shown with the place that logged them, not with ours.
const MAP = { version: 3, sources: ['live-reload'], sourcesContent: [''], names: [], mappings: 'AAAA', ignoreList: [0], x_google_ignoreList: [0] }
const PASSED_OVER = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(MAP)).toString('base64')}\n`

/** `format`: `iife` for a classic script, `esm` for a module that others import. */
export async function buildScript (entry, outfile, format, passedOver = false) {
  const { outputFiles: [bundle] } = await build({ entryPoints: [entry], bundle: true, minify: true, format, target, legalComments: 'none', logLevel: 'warning', plugins: [smallStyles], write: false })
  const { code } = await minify(bundle.text, {
    ecma: 2020,
    module: format === 'esm',
    toplevel: true,
    // Arrows for functions that are not constructed, functions first, four rounds: measured, the rest gains nothing.
    compress: { passes: 4, hoist_funs: true, unsafe_arrows: true, unsafe_methods: true, keep_fargs: false }
  })
  await writeFile(outfile, passedOver ? code + PASSED_OVER : code)
}
