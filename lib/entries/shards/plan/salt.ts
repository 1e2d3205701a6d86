// What the result of every shard depends on, beside its pages: the module, what it imports, and the packages that are installed.
import { dirname, join, relative } from 'node:path'
import type { BuildRequest } from '../../../../types/build.js'
import { withSlashes } from '../../../shared/paths.js'
import { traceImports } from '../../../builds/executors/sources/sources.js'
import { digestOf } from './digest.js'
import { MISSING, type FileHashes } from './file-hashes.js'

const LOCK_FILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

const [NODE_MAJOR] = process.versions.node.split('.')

export interface Salt {
  /** Equal on every machine that has the same files and the same major version of Node. */
  readonly text: string
  /** What it was made of. */
  readonly files: readonly string[]
}

export async function saltOf (module: string, { cwd, profile = 'development' }: Pick<BuildRequest, 'cwd' | 'profile'>, version: string, hashes: FileHashes): Promise<Salt> {
  const { files } = await traceImports(module)
  const hashOf = await hashes.of(cwd, files)
  const named = files.map(file => [withSlashes(relative(dirname(module), file)), hashOf.get(file)])
  const lock = await lockOf(cwd, hashes)
  const text = digestOf([NODE_MAJOR, profile, version, named.sort(([a = ''], [b = '']) => a < b ? -1 : 1), lock?.hash])
  return { text, files: lock === undefined ? files : [...files, lock.file] }
}

/** The nearest lock file. */
async function lockOf (cwd: string, hashes: FileHashes): Promise<{ readonly file: string, readonly hash: string } | undefined> {
  for (let dir = cwd; ; dir = dirname(dir)) {
    const files = LOCK_FILES.map(name => join(dir, name))
    const found = [...await hashes.of(cwd, files)].find(([, hash]) => hash !== MISSING)
    if (found !== undefined) return { file: found[0], hash: found[1] }
    if (dir === dirname(dir)) return undefined
  }
}
