// Which version of a build module is on disk: its own files, found by what they import. A child that loaded another version is replaced.
import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Diagnostic } from '../../../../types/build.js'
import { parseOutput } from '../../diagnostics/parse-output.js'
import { findPackageImport } from './package-imports.js'

/** Each file, with a text that changes when the file does. */
export type Stamps = ReadonlyMap<string, string>

export interface Trace {
  /** The module, and the files of the project that it imports, directly or not. */
  readonly files: readonly string[]
  /** What decides which files these are: places where one is missing, and each package.json that names some. */
  readonly deciding: readonly string[]
}

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"]((?:\.{1,2}\/|#)[^'"\n]+)['"]/g
const MAX_FILES = 300
const MAX_FILE_CHARACTERS = 1024 * 1024
const MAX_CHECKED_FILES = 20
const CHECK_TIMEOUT_MS = 5_000
const GONE = 'gone'

export class Sources {
  readonly #known = new Map<string, Stamps>()

  /** The module and what it imports of the project, as they are now. The same object while nothing changes. */
  async stamps (entry: string): Promise<Stamps> {
    const before = this.#known.get(entry)
    const now = stampAll(before === undefined ? await placesOf(entry) : [...before.keys()])
    if (before !== undefined && [...now].every(([file, stamp]) => before.get(file) === stamp)) return before
    const stamps = before === undefined ? now : stampAll(await placesOf(entry))
    this.#known.set(entry, stamps)
    return stamps
  }
}

async function placesOf (entry: string): Promise<string[]> {
  const { files, deciding } = await traceImports(entry)
  return [...files, ...deciding]
}

export async function traceImports (entry: string): Promise<Trace> {
  const files = new Set([entry])
  const deciding = new Set<string>()
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const [, name] of text.slice(0, MAX_FILE_CHARACTERS).matchAll(IMPORT)) {
      if (files.size >= MAX_FILES) return { files: [...files], deciding: [...deciding] }
      const found = await resolveImport(file, name as string)
      for (const path of found.files) files.add(path)
      if (deciding.size < MAX_FILES) for (const path of found.deciding) deciding.add(path)
    }
  }
  return { files: [...files], deciding: [...deciding] }
}

async function resolveImport (file: string, name: string): Promise<Trace> {
  if (!name.startsWith('#')) {
    const places = candidates(resolve(dirname(file), name))
    const found = await firstFile(places)
    // People save the import first, and the imported file a moment later.
    return found === undefined ? { files: [], deciding: places } : { files: [found], deciding: [] }
  }
  const { manifest, targets } = await findPackageImport(file, name) ?? { targets: [] }
  const found = await Promise.all(targets.map(target => firstFile([target])))
  return {
    files: found.filter(path => path !== undefined),
    deciding: [...manifest === undefined ? [] : [manifest], ...targets.filter((_, i) => found[i] === undefined)]
  }
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
    return GONE
  }
}

/** The place of the first file that does not parse: Node tells it for a file it is asked to check, but not for an imported one. */
export async function locateSyntaxError (files: readonly string[]): Promise<Diagnostic | undefined> {
  for (const file of files.filter(file => /\.[cm]?js$/.test(file) && stampOf(file) !== GONE).slice(0, MAX_CHECKED_FILES)) {
    const printed = await new Promise<string>(resolve => {
      execFile(process.execPath, ['--check', file], { timeout: CHECK_TIMEOUT_MS, windowsHide: true }, (_error, _stdout, stderr) => resolve(stderr))
    })
    const [found] = parseOutput(printed, dirname(file))
    if (found?.file !== undefined) return found
  }
  return undefined
}
