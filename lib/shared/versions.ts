// Which version of a package is installed.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** As Node finds the package from `from`, or from the package `by` that uses it. `undefined` where it cannot be read, as in a bundle. */
export function versionOf (name: string, from: string | URL, by?: string): string | undefined {
  try {
    const require = createRequire(from)
    const manifest = manifestOf(by === undefined ? require : createRequire(require.resolve(by)), name)
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown }
    return typeof version === 'string' ? version : undefined
  } catch {
    return undefined
  }
}

/** @throws when there is none. */
function manifestOf (require: NodeJS.Require, name: string): string {
  try {
    // Knows package managers without node_modules.
    return require.resolve(`${name}/package.json`)
  } catch (error) {
    // The package's own exports need not list the file.
    const found = require.resolve.paths(name)?.map(directory => join(directory, name, 'package.json')).find(path => existsSync(path))
    if (found === undefined) throw error
    return found
  }
}
