// Which version of a build module is on disk: its own files, found by their relative imports. A child that loaded another one is replaced.
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

export interface Sources {
  /** Changes when one of the files does. */
  version (entry: string): Promise<string>
  /** The module and what it imports of the project. */
  files (entry: string): Promise<string[]>
}

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"](\.{1,2}\/[^'"\n]+)['"]/g
const MAX_FILES = 300
const MAX_BYTES = 1024 * 1024

export function createSources (): Sources {
  const known = new Map<string, { files: string[], version: string }>()

  async function version (entry: string): Promise<string> {
    const before = known.get(entry)
    if (before !== undefined && await stampsOf(before.files) === before.version) return before.version
    const files = await crawl(entry)
    const now = await stampsOf(files)
    known.set(entry, { files, version: now })
    return now
  }

  return { version, files: crawl }
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

async function stampsOf (files: readonly string[]): Promise<string> {
  const stamps = await Promise.all(files.map(file => stat(file).then(({ mtimeMs, size, ino }) => `${file}:${mtimeMs}:${size}:${ino}`, () => `${file}:gone`)))
  return stamps.join('\n')
}
