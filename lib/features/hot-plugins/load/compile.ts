// A source file -> the body of a function. Code that is evaluated as a function can be collected; a module that Node has imported never is.
import { dirname } from 'node:path'
import type { BuildOptions, BuildResult } from 'esbuild'
import type { Esbuild } from './esbuild.js'

export interface Compiled {
  readonly code: string
  /** It awaits at its top level. */
  readonly isAsync: boolean
}

export interface CompileParts {
  readonly esbuild: Esbuild
  readonly cwd: string
}

/** Of esbuild's helpers these copy modules; ours, of the same names, keep them as they are. */
const HELPERS = /^var (__toESM|__toCommonJS|__reExport) = /gm

/** @throws what esbuild throws */
export async function compile ({ esbuild, cwd }: CompileParts, file: string): Promise<Compiled> {
  try {
    return finish(await esbuild.build(optionsFor(file, cwd, 'cjs')))
  } catch (error) {
    if (!awaits(error)) throw error
    return { code: rewriteModule(textOf(await esbuild.build(optionsFor(file, cwd, 'esm')))), isAsync: true }
  }
}

/** Takes longer, and holds up everything else: for files that nobody knew of before they were required. @throws what esbuild throws */
export function compileNow ({ esbuild, cwd }: CompileParts, file: string): Compiled {
  try {
    return finish(esbuild.buildSync(optionsFor(file, cwd, 'cjs')))
  } catch (error) {
    if (!awaits(error)) throw error
    return { code: '', isAsync: true }
  }
}

function awaits (error: unknown): boolean {
  return error instanceof Error && /top-level await/i.test(error.message)
}

/** CommonJS may come with helpers of the same names, from whatever has made it. */
function finish (result: BuildResult): Compiled {
  const isModule = Object.values(result.metafile?.inputs ?? {}).some(({ format }) => format === 'esm')
  return { code: isModule ? textOf(result).replace(HELPERS, 'var $1_of_esbuild = ') : textOf(result), isAsync: false }
}

function textOf ({ outputFiles }: BuildResult): string {
  return (outputFiles?.[0] as { text: string }).text
}

function optionsFor (file: string, cwd: string, format: 'cjs' | 'esm'): BuildOptions {
  return {
    absWorkingDir: cwd,
    entryPoints: [file],
    outdir: dirname(file),
    bundle: false,
    write: false,
    metafile: true,
    format,
    platform: 'node',
    target: `node${process.versions.node}`,
    sourcemap: 'inline',
    legalComments: 'none',
    // What the author has written as `require` is told from what esbuild makes of imports.
    define: { 'import.meta': '__hot_meta', require: '__hot_require' },
    // Without templates and comments no text of the author's begins a line, where imports and exports are looked for.
    supported: { 'dynamic-import': false, ...format === 'esm' && { 'template-literal': false } },
    logLevel: 'silent'
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
