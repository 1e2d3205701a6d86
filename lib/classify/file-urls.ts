// The URL paths at which pages ask for a file.
import { basename, relative, sep } from 'node:path'
import type { Settings } from '../options/settings.js'
import { isWithin, rootUrl } from '../shared/paths.js'

export interface FileUrls {
  readonly urls: readonly string[]
  /** The file is in a root. Otherwise the app serves it itself, and only the ends of its URL paths are known. */
  readonly isServed: boolean
}

/** `mount` is the prefix of the scope the plugin was registered in. */
export function urlsOf (file: string, { roots, watch }: Pick<Settings, 'roots' | 'watch'>, mount: string): FileUrls {
  const urls = roots.filter(root => root.path !== file && isWithin(root.path, file)).map(root => rootUrl(mount, root.prefix) + encode(relative(root.path, file)))
  if (urls.length > 0) return { urls, isServed: true }
  return { urls: watch.filter(path => isWithin(path, file)).map(path => encode(relative(path, file) || basename(file))), isServed: false }
}

/** The path of an address in the page at `url`, encoded as in `urlsOf`; `undefined` when it has none. */
export function resolveUrl (address: string, url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(address, `http://localhost${url}`).pathname).split('/').map(encodeURIComponent).join('/')
  } catch {
    return undefined
  }
}

function encode (path: string): string {
  return path.split(sep).map(encodeURIComponent).join('/')
}
