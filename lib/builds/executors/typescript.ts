// What a child needs to run a TypeScript module: nothing where Node can, or where a loader is there already; tsx when the app has it.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Runtime {
  readonly features: object
  readonly execArgv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

// Known by name: a loader may as well be for tracing or tests.
const LOADER = /\btsx\b|ts-node|typescript|swc|jiti|sucrase|esbuild-register|amaro|strip-types|transform-types/

export function typescriptArguments (file: string, cwd: string, runtime: Runtime = process): string[] {
  if (!/\.[cm]?tsx?$/.test(file) || Reflect.get(runtime.features, 'typescript')) return []
  if (LOADER.test([...runtime.execArgv, runtime.env.NODE_OPTIONS ?? ''].join(' '))) return []
  for (const from of [file, join(cwd, 'package.json')]) {
    try {
      return ['--import', pathToFileURL(createRequire(from).resolve('tsx')).href]
    } catch {
      // Not installed there. Without it the child says what to do.
    }
  }
  return []
}
