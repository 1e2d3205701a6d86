// Writes files from memory: only those that differ, each whole by a rename, documents last. Deletes files that are no longer made.
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inSafeOrder } from './publish.js'

export interface OutputFile {
  /** Absolute. */
  readonly path: string
  readonly contents: Uint8Array
  /** Differs when the contents do. */
  readonly hash: string
}

/** `before` has the hash of each file as it was written last. Returns the same for the next call. */
export async function writeOutputs (files: readonly OutputFile[], before: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const byPath = new Map(files.map(file => [file.path, file]))
  const ready: string[] = []
  try {
    for (const { path, contents, hash } of files) {
      if (before.get(path) === hash && await exists(path)) continue
      await mkdir(dirname(path), { recursive: true })
      ready.push(path)
      await writeFile(draftOf(path), contents)
    }
    for (const path of inSafeOrder(ready)) await rename(draftOf(path), path)
  } catch (error) {
    for (const path of ready) await rm(draftOf(path), { force: true })
    throw error
  }
  for (const path of before.keys()) if (!byPath.has(path)) await rm(path, { force: true })
  return new Map(files.map(({ path, hash }) => [path, hash]))
}

const draftOf = (path: string): string => join(dirname(path), `.${basename(path)}.live-reload-${process.pid}`)

const exists = (path: string): Promise<boolean> => stat(path).then(() => true, () => false)
