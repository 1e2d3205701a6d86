// Writes files from memory: only those that differ, each whole by a rename, documents last. Deletes files that are no longer made.
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { statFingerprint } from '../../shared/fingerprint.js'
import { inSafeOrder } from './publish.js'

export interface OutputFile {
  /** Absolute. */
  readonly path: string
  readonly contents: Uint8Array
  /** Differs when the contents do. */
  readonly hash: string
}

/** A file as it was written. */
export interface Written {
  readonly hash: string
  /** Differs when something else has changed the file since; `undefined` when it was gone at once. */
  readonly fingerprint: string | undefined
}

/** `before` has each file as it was written last. Returns the same for the next call. */
export async function writeOutputs (files: readonly OutputFile[], before: ReadonlyMap<string, Written>): Promise<Map<string, Written>> {
  const byPath = new Map(files.map(file => [file.path, file]))
  const ready: string[] = []
  try {
    for (const { path, contents, hash } of files) {
      const [written, found] = [before.get(path), await fingerprintOf(path)]
      if (found !== undefined && written?.hash === hash && written.fingerprint === found) continue
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
  const isNew = new Set(ready)
  return new Map(await Promise.all(files.map(async ({ path, hash }): Promise<[string, Written]> =>
    [path, { hash, fingerprint: isNew.has(path) ? await fingerprintOf(path) : (before.get(path) as Written).fingerprint }])))
}

const draftOf = (path: string): string => join(dirname(path), `.${basename(path)}.live-reload-${process.pid}`)

const fingerprintOf = (path: string): Promise<string | undefined> => stat(path).then(statFingerprint, () => undefined)
