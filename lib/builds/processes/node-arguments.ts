// Arguments of Node for a child: those of the server that a child needs as well, and a loader for TypeScript.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Debuggers, watch mode, profilers, test runners and scripts belong to the server alone.
const SERVER_ONLY = ['--inspect', '--debug', '--watch', '--test', '--eval', '-e', '--print', '-p', '--check', '-c', '--interactive', '-i', '--cpu-prof', '--heap-prof', '--input-type', '--env-file', '--prof', '--redirect-warnings', '--diagnostic-dir', '--report']
const WITH_VALUE = new Set(['--eval', '-e', '--print', '-p', '--watch-path', '--inspect-port', '--debug-port', '--input-type', '--env-file', '--redirect-warnings', '--diagnostic-dir'])
// Known by name: a loader may as well be for tracing or tests.
const TYPESCRIPT_LOADER = /\btsx\b|ts-node|typescript|swc|jiti|sucrase|esbuild-register|amaro|strip-types|transform-types/

/** The arguments of `execArgv` that a child gets. */
export function nodeArguments (execArgv: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] as string
    if (!SERVER_ONLY.some(name => argument === name || argument.startsWith(`${name}=`) || (name.startsWith('--') && argument.startsWith(`${name}-`)))) kept.push(argument)
    else if (WITH_VALUE.has(argument)) i++
  }
  return kept
}

/** What Node needs to run `file` when it is TypeScript: nothing where Node can, or where a loader is there already; tsx when the app has it. */
export function typescriptArguments (file: string, cwd: string, runtime: Pick<NodeJS.Process, 'execArgv' | 'env'> & { readonly features: object } = process): string[] {
  if (!/\.[cm]?tsx?$/.test(file) || Reflect.get(runtime.features, 'typescript')) return []
  if (TYPESCRIPT_LOADER.test([...runtime.execArgv, runtime.env.NODE_OPTIONS ?? ''].join(' '))) return []
  for (const from of [file, join(cwd, 'package.json')]) {
    try {
      return ['--import', pathToFileURL(createRequire(from).resolve('tsx')).href]
    } catch {
      // Not installed there. Without a loader the child says what to do.
    }
  }
  return []
}
