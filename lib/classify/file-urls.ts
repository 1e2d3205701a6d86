// The URL paths at which pages ask for a file.
import { basename } from 'node:path'
import type { Settings } from '../options/settings.js'
import { encodeSegments, pathWithin, rootUrl, withSlashes } from '../shared/paths.js'

export interface FileUrls {
  readonly urls: readonly string[]
  /** The file is in a root. Otherwise the app serves it itself, and only the ends of its URL paths are known. */
  readonly isServed: boolean
}

/** `mount` is the prefix of the scope the plugin was registered in. */
export function urlsOf (file: string, { roots, watch }: Pick<Settings, 'roots' | 'watch'>, mount: string): FileUrls {
  const urls = roots.flatMap(root => {
    const below = pathWithin(root.path, file)
    return below ? rootUrl(mount, root.prefix) + encode(below) : []
  })
  if (urls.length > 0) return { urls, isServed: true }
  const ends = watch.flatMap(path => {
    const below = pathWithin(path, file)
    return below === undefined ? [] : encode(below || basename(file))
  })
  return { urls: ends, isServed: false }
}

/** The path of an address in the page at `url`, encoded as in `urlsOf`; `undefined` when it has none. */
export function resolveUrl (address: string, url: string): string | undefined {
  try {
    return encodeSegments(decodeURIComponent(new URL(address, `http://localhost${url}`).pathname))
  } catch {
    return undefined
  }
}

function encode (path: string): string {
  return encodeSegments(withSlashes(path))
}
