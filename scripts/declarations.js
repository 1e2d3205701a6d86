// Keeps the declarations that the entries lead to, and removes all others.
import { readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const IMPORT = /(?:from|import\() ?['"](\.{1,2}\/[^'"]+)\.js['"]/g

/** `entries`: absolute paths of `.d.ts` files below `dist`. */
export async function pruneDeclarations (dist, entries) {
  const reached = new Set(entries)
  for (const file of reached) {
    for (const [, name] of (await readFile(file, 'utf8')).matchAll(IMPORT)) reached.add(`${resolve(file, '..', name)}.d.ts`)
  }
  const found = (await readdir(dist, { recursive: true })).map(name => join(dist, name))
  for (const file of found) {
    if (file.endsWith('.d.ts') && !reached.has(file)) await rm(file)
  }
  // The deepest first; a folder that is not empty stays.
  for (const path of found.sort().reverse()) {
    if (!path.endsWith('.d.ts')) await rmdir(path).catch(() => {})
  }
}
