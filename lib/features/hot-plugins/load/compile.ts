// A source file -> the body of a function. Code that is evaluated as a function can be collected; a module that Node has imported never is.
import { dirname } from 'node:path'
import type { BuildOptions } from 'esbuild'
import type { Esbuild } from './esbuild.js'

export interface Compiled {
  readonly code: string
  /** It awaits at its top level. */
  readonly isAsync: boolean
}

/** Of esbuild's helpers these copy modules; ours, of the same names, keep them as they are. */
const HELPERS = /^var (__toESM|__toCommonJS|__reExport) = /gm

export async function compile (esbuild: Esbuild, file: string, cwd: string): Promise<Compiled> {
  try {
    return { code: (await transform('cjs')).replace(HELPERS, 'var $1_of_esbuild = '), isAsync: false }
  } catch (error) {
    if (!(error instanceof Error) || !/top-level await/i.test(error.message)) throw error
    return { code: await transform('esm').then(rewriteModule), isAsync: true }
  }

  async function transform (format: NonNullable<BuildOptions['format']>): Promise<string> {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: cwd,
      entryPoints: [file],
      outdir: dirname(file),
      bundle: false,
      write: false,
      format,
      platform: 'node',
      target: `node${process.versions.node}`,
      sourcemap: 'inline',
      define: { 'import.meta': '__hot_meta' },
      supported: { 'dynamic-import': false },
      logLevel: 'silent'
    })
    return (outputFiles[0] as { text: string }).text
  }
}

const IMPORT = /^import (?:([\w$]+)(?:, )?)?(?:\{([^}]*)\}|\* as ([\w$]+))?(?: from )?("(?:[^"\\]|\\.)*")(?: with \{[^}]*\})?;$/gm
const EXPORT = /^export \{([^}]*)\}(?: from ("(?:[^"\\]|\\.)*"))?;$/gm
const EXPORT_ALL = /^export \* (?:as ([\w$]+) )?from ("(?:[^"\\]|\\.)*");$/gm

/** esbuild writes imports and exports in a few regular ways, which become statements of a function. What is imported is a copy of that moment. */
function rewriteModule (code: string): string {
  return code
    .replace(IMPORT, (_, fallback: string | undefined, names: string | undefined, all: string | undefined, from: string) => {
      const parts = [...fallback === undefined ? [] : [`default: ${fallback}`], ...names === undefined ? [] : pairs(names).map(([name, as]) => `${name}: ${as}`)]
      return `${parts.length > 0 ? `const { ${parts.join(', ')} } = ` : ''}require(${from});${all === undefined ? '' : `const ${all} = require(${from});`}`
    })
    .replace(EXPORT_ALL, (_, name: string | undefined, from: string) => name === undefined ? `__reExport({}, require(${from}), module.exports);` : `__hot_export({ ${name}: () => require(${from}) });`)
    .replace(EXPORT, (_, names: string, from: string | undefined) => {
      const list = pairs(names).map(([name, as]) => `${as}: () => ${from === undefined ? name : `require(${from})[${JSON.stringify(name)}]`}`)
      return `__hot_export({ ${list.join(', ')} });`
    })
}

/** `a, b as c` -> [['a', 'a'], ['b', 'c']] */
function pairs (names: string): [name: string, as: string][] {
  return names.split(',').map(one => one.trim()).filter(one => one !== '').map(one => {
    const [name = '', as = name] = one.split(/\s+as\s+/)
    return [name, as]
  })
}
