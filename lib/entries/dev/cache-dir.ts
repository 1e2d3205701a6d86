// Where the project keeps what can be made again.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A folder in `node_modules` of the project that `from` is in: git and npm leave it alone. It need not exist. */
export function cacheDir (from: string = process.cwd()): string {
  let root = from
  while (!existsSync(join(root, 'package.json'))) {
    const parent = dirname(root)
    if (parent === root) return cacheOf(from)
    root = parent
  }
  return cacheOf(root)
}

function cacheOf (root: string): string {
  return join(root, 'node_modules', '.cache', 'fastify-live-reload')
}
