// The path of a URL -> the file of a root that answers it, by the rules that hold for every request.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RootSettings } from '../../options/settings.js'
import { checkFile, splitPath } from '../../shared/file-gate.js'

/** `undefined` where no root has such a file, or may not serve it. */
export type FindScript = (path: string) => Promise<string | undefined>

/** `mount` is the prefix of the scope the plugin was registered in. */
export function createFindScript (roots: readonly Pick<RootSettings, 'path' | 'prefix' | 'followSymlinks'>[], mount: string): FindScript {
  return async url => {
    for (const { path, prefix, followSymlinks } of roots) {
      const below = url.startsWith(mount + prefix) ? decode(url.slice(mount.length + prefix.length)) : ''
      const names = splitPath(below)
      if (names === undefined || below === '' || below.endsWith('/')) continue
      const file = join(path, ...names)
      if (existsSync(file) && checkFile({ path, followSymlinks, dotfiles: 'ignore' }, names) === undefined) return file
    }
    return undefined
  }
}

function decode (path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}
