// Which version of a build module is on disk: its own files, found by their relative imports. A child that loaded another one is replaced.
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** Each file, and what changes when the file does. */
export type Stamps = ReadonlyMap<string, string>

export interface Sources {
  /** The module and what it imports of the project, as they are now. */
  stamps (entry: string): Promise<Stamps>
}

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}\/[^'"\n]+)['"]/g
const MAX_FILES = 300
const MAX_BYTES = 1024 * 1024

export function createSources (): Sources {
  const known = new Map<string, Stamps>()
  return {
    async stamps (entry) {
      const before = known.get(entry)
      if (before !== undefined && isSame(before, await stampsOf([...before.keys()]))) return before
      const now = await stampsOf(await crawl(entry))
      known.set(entry, now)
      return now
    }
  }
}

function isSame (before: Stamps, now: Stamps): boolean {
  for (const [file, stamp] of now) if (before.get(file) !== stamp) return false
  return true
}

/** True when something was loaded that is different by now. */
export function isStale (loaded: Stamps, now: Stamps): boolean {
  for (const [file, stamp] of now) if ((loaded.get(file) ?? stamp) !== stamp) return true
  return false
}

async function crawl (entry: string): Promise<string[]> {
  const found = new Set([entry])
  for (const file of found) {
    if (found.size >= MAX_FILES) break
    const text = await readFile(file, 'utf8').catch(() => '')
    for (const [, name] of text.slice(0, MAX_BYTES).matchAll(IMPORT)) {
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

async function stampsOf (files: readonly string[]): Promise<Stamps> {
  return new Map(await Promise.all(files.map(async (file): Promise<[string, string]> =>
    [file, await stat(file).then(({ mtimeMs, size, ino }) => `${mtimeMs}:${size}:${ino}`, () => 'gone')])))
}
