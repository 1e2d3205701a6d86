// Finds what a plugin imports, by esbuild: extensions, tsconfig paths, `#imports` and globs as its users know them.
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildResult, OnResolveArgs, Plugin, PluginBuild } from 'esbuild'
import type { Esbuild } from '../load/esbuild.js'
import { isWithin } from '../../../shared/paths.js'
import type { GraphFile, Import } from './graph.js'

/** `module-sync` is what Node itself asks for where it can `require()` modules. */
const CONDITIONS = ['node', 'import', ...process.features.require_module ? ['module-sync'] : []]
/** What esbuild calls its own helpers. */
const HELPERS = '<runtime>'
const RESOLVED = Symbol('resolved by ourselves')
const KINDS: Readonly<Record<string, Import['kind']>> = { 'import-statement': 'static', 'dynamic-import': 'dynamic', 'require-call': 'require', 'require-resolve': 'require' }

/** @throws what esbuild throws: a syntax error, or an import that is not there */
export async function scan (esbuild: Esbuild, entry: string, cwd: string): Promise<Map<string, GraphFile>> {
  const packages = new Map<string, string>()
  const { metafile }: BuildResult<{ metafile: true }> = await esbuild.build({
    absWorkingDir: cwd,
    entryPoints: [entry],
    bundle: true,
    metafile: true,
    write: false,
    format: 'esm',
    platform: 'node',
    mainFields: ['main'],
    conditions: CONDITIONS,
    logLevel: 'silent',
    plugins: [keepPackagesOut(cwd, packages)]
  })
  const files = new Map<string, GraphFile>()
  for (const [path, { imports, format }] of Object.entries(metafile.inputs)) {
    const file = resolve(cwd, path)
    files.set(file, { format: isCommonJs(file, format) ? 'cjs' : 'esm', imports: imports.flatMap(one => toImport(file, one)) })
  }
  return files

  function toImport (from: string, { path, kind, external, original = path }: { path: string, kind: string, external?: boolean, original?: string }): Import[] {
    const known = KINDS[kind]
    // What a glob matches is found when it is imported.
    if (known === undefined || path === HELPERS || (external === true && path.includes('*'))) return []
    if (external !== true) return [{ specifier: original, file: resolve(cwd, path), kind: known }]
    const url = packages.get(`${from}\0${path}`)
    return [{ specifier: path, kind: known, ...url !== undefined && { url } }]
  }
}

function isCommonJs (file: string, format: string | undefined): boolean {
  if (format === undefined && /\.[jt]sx?$/.test(file)) return typeOf(dirname(file)) !== 'module'
  return format === 'cjs' || /\.c[jt]s$/.test(file) || (file.endsWith('.json'))
}

/** As the nearest package.json says; of a file that neither imports nor exports nothing else does. */
function typeOf (dir: string): unknown {
  try {
    return Reflect.get(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as object, 'type')
  } catch {
    return dirname(dir) === dir ? undefined : typeOf(dirname(dir))
  }
}

/** Packages are no part of the graph, but their addresses are noted: they depend on who asks. */
function keepPackagesOut (cwd: string, packages: Map<string, string>): Plugin {
  return {
    name: 'keep-packages-out',
    setup (build: PluginBuild) {
      build.onResolve({ filter: /^[^./]/ }, async (args: OnResolveArgs) => {
        if (args.kind === 'entry-point' || args.pluginData === RESOLVED || /^[a-z]:[\\/]/i.test(args.path)) return undefined
        const note = (url: string) => { packages.set(`${args.importer}\0${args.path}`, url) }
        if (builtinModules.includes(args.path.replace(/^node:/, ''))) {
          note(args.path.startsWith('node:') ? args.path : `node:${args.path}`)
          return { path: args.path, external: true }
        }
        const { importer, kind, resolveDir, path } = args
        const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: RESOLVED })
        if (found.errors.length === 0 && isWithin(cwd, found.path) && !found.path.includes(`${sep}node_modules${sep}`)) return { path: found.path }
        if (found.errors.length === 0 && !found.external) note(pathToFileURL(found.path).href)
        return { path, external: true }
      })
    }
  }
}
