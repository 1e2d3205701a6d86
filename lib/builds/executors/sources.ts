// Which version of a build module is on disk: its own files, found by their relative imports. A child that loaded another version is replaced.
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Diagnostic } from '../../../types/build.js'
import { parseOutput } from '../diagnostics/parse-output.js'

/** Each file, with a text that changes when the file does. */
export type Stamps = ReadonlyMap<string, string>

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}\/[^'"\n]+)['"]/g
const MAX_FILES = 300
const MAX_FILE_CHARACTERS = 1024 * 1024
const MAX_CHECKED_FILES = 20
const CHECK_TIMEOUT_MS = 5_000

export class Sources {
  readonly #known = new Map<string, Stamps>()

  /** The module and what it imports of the project, as they are now. The same object while nothing changes. */
  async stamps (entry: string): Promise<Stamps> {
    const before = this.#known.get(entry)
    const now = stampAll(before === undefined ? await traceImports(entry) : [...before.keys()])
    if (before !== undefined && [...now].every(([file, stamp]) => before.get(file) === stamp)) return before
    const stamps = before === undefined ? now : stampAll(await traceImports(entry))
    this.#known.set(entry, stamps)
    return stamps
  }
}

/** The file, and the files of the project that it imports, directly or not. */
export async function traceImports (entry: string): Promise<string[]> {
  const found = new Set([entry])
  for (const file of found) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const [, name] of text.slice(0, MAX_FILE_CHARACTERS).matchAll(IMPORT)) {
      if (found.size >= MAX_FILES) return [...found]
      const target = await firstFile(candidates(resolve(dirname(file), name as string)))
      if (target !== undefined) found.add(target)
    }
  }
  return [...found]
}

function candidates (path: string): string[] {
  const bare = path.replace(/[?#].*$/, '')
  return [bare, ...['.js', '.ts', '.cjs', '.mjs', '.json'].map(ext => bare + ext), bare.replace(/\.(c|m)?js$/, '.$1ts'), resolve(bare, 'index.js'), resolve(bare, 'index.ts')]
}

async function firstFile (paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if ((await stat(path).catch(() => undefined))?.isFile() === true) return path
  }
  return undefined
}

/** Synchronous: it comes before each task, and the child waits for it. */
function stampAll (files: readonly string[]): Stamps {
  return new Map(files.map(file => [file, stampOf(file)]))
}

function stampOf (file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${mtimeMs}:${size}:${ino}`
  } catch {
    return 'gone'
  }
}

/** The place of the first file that does not parse: Node tells it for a file it is asked to check, but not for an imported one. */
export async function locateSyntaxError (files: readonly string[]): Promise<Diagnostic | undefined> {
  for (const file of files.filter(file => /\.[cm]?js$/.test(file)).slice(0, MAX_CHECKED_FILES)) {
    const printed = await new Promise<string>(resolve => {
      execFile(process.execPath, ['--check', file], { timeout: CHECK_TIMEOUT_MS, windowsHide: true }, (_error, _stdout, stderr) => resolve(stderr))
    })
    const [found] = parseOutput(printed, dirname(file))
    if (found?.file !== undefined) return found
  }
  return undefined
}
