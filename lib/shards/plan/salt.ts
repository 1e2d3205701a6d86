// What the result of every shard depends on, beside its pages: the module, what it imports, and the packages that are installed.
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { BuildRequest } from '../../../types/build.js'
import { withSlashes } from '../../shared/paths.js'
import { traceImports } from '../../builds/executors/sources.js'
import { digestOf, sha256 } from './digest.js'

const LOCK_FILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

const [NODE_MAJOR] = process.versions.node.split('.')

/** Equal on every machine that has the same files and the same major version of Node. */
export async function salt (module: string, { cwd, profile = 'development' }: BuildRequest, version: string): Promise<string> {
  const files = await traceImports(module)
  const hashes = await Promise.all(files.map(async file => [withSlashes(relative(dirname(module), file)), await hashOf(file)]))
  return digestOf([NODE_MAJOR, profile, version, hashes.sort(([a = ''], [b = '']) => a < b ? -1 : 1), await lockOf(cwd)])
}

async function lockOf (cwd: string): Promise<string> {
  for (let dir = cwd; ; dir = dirname(dir)) {
    for (const name of LOCK_FILES) {
      const hash = await hashOf(join(dir, name))
      if (hash !== '') return hash
    }
    if (dir === dirname(dir)) return ''
  }
}

/** Empty when there is no such file. */
function hashOf (file: string): Promise<string> {
  return readFile(file).then(contents => sha256(contents), () => '')
}
