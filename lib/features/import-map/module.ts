// One file of a library: its content, and what it imports. Or why browsers cannot run it.
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { init, parse } from 'es-module-lexer'
import { isModuleType } from './packages.js'

export interface Imported {
  readonly specifier: string
  /** By `import()`: it may never be called. */
  readonly dynamic: boolean
}

export interface Module {
  readonly content: Buffer
  readonly imports: readonly Imported[]
}

/** By extension, the type that browsers take it for. */
export const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm'
}

/** What says so in files without imports and exports. Bundles of webpack have a `module.exports` that they only read. */
const COMMON_JS = /\bmodule\.exports\s*[=.]|(?<![\w$.])exports\.[\w$]+\s*=|\btypeof\s+(?:exports|module)\b|(?<![\w$.])require\s*\(/

/** To be awaited before the first `readModule`. */
export const prepareLexer = init

/** Gives the reason, to be read behind a path, when it is nothing for browsers. */
export function readModule (file: string): Module | string {
  const extension = extname(file)
  if (extension === '.cjs') return 'is CommonJS'
  if (!Object.hasOwn(TYPES, extension)) return `is no file that browsers import (${extension})`
  const content = readFileSync(file)
  if (extension !== '.js' && extension !== '.mjs') return { content, imports: [] }
  const text = content.toString()
  try {
    const [found, , , hasModuleSyntax] = parse(text, file)
    // Without a word of modules it may still be one, such as a script that sets a global.
    if (!hasModuleSyntax && extension === '.js' && COMMON_JS.test(text) && !isModuleType(file)) return 'is CommonJS'
    return { content, imports: found.flatMap(one => isNamed(one) ? { specifier: one.specifier, dynamic: one.type === 'dynamic' } : []) }
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`
  }
}

type Found = ReturnType<typeof parse>[0][number]

/** An address, or what is put together when it runs, is left to the browser. */
function isNamed (one: Found): one is Found & { specifier: string } {
  return typeof one.specifier === 'string' && !(one.type === 'dynamic' && one.glob) && !/^(?:[a-z][a-z\d+.-]+:\/\/|data:|blob:|\/)/i.test(one.specifier)
}
