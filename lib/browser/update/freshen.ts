// Finds out-of-date addresses and gives them a new query, so that the browser loads the file again.

/** The query that we have added to an address. */
const STAMP = /[?&]live-reload=[\w-]*\.\d+(?![\d&])/g

/** Returns the address to use instead, as relative as it was, or `undefined` when it is up to date. */
export type Freshen = (address: string, base: string) => string | undefined

export type Version = readonly [path: string, version: string]

/**
 * `newest`: versions by the path that the file has or had, in the order of the changes. Paths of which an address was seen are added to `found`.
 * `fileAt`: returns the file that was served at an address.
 */
export function createFreshen (newest: ReadonlyMap<string, Version>, found: Set<string>, fileAt: (address: string) => string | undefined): Freshen {
  return (address, base) => {
    let target = withoutQuery(address, base)
    // A file of the same name on another server is another file. A fragment is in this document.
    if (!isOwnOrigin(target) || address.startsWith('#')) return undefined
    let file = fileAt(target)
    let fresh = withoutStamp(address.trim())
    let newestVersion: string | undefined
    // A path without a leading slash is only the end of a path.
    const isAt = (path: string) => file === path || target.endsWith((path.startsWith('/') ? location.origin : '/') + decodeURIComponent(path))
    for (const [oldPath, [path, version]] of newest) {
      // The app may name the new file already.
      if (!isAt(oldPath) && !isAt(path)) continue
      found.add(oldPath)
      newestVersion = version
      if (path === oldPath) continue
      fresh = fresh.replace(/[^/?#]+(?=[?#]|$)/, path.replace(/.*\//, ''))
      target = withoutQuery(fresh, base)
      // The browser may not have requested the new file yet.
      file = path
    }
    const stamped = newestVersion && addStamp(fresh, newestVersion)
    return stamped === address ? undefined : stamped
  }
}

/** Decoded origin and path of an address; empty if it is invalid. */
export function withoutQuery (address: string, base?: string): string {
  try {
    const { origin, pathname } = new URL(address, base)
    return origin + decodeURIComponent(pathname)
  } catch {
    return ''
  }
}

export const isOwnOrigin = (address: string) => address.startsWith(`${location.origin}/`)

/** The address without what we have added. */
export const withoutStamp = (address: string) => address.replace(STAMP, '')

// As text: `URLSearchParams` would encode the rest of the query anew.
const addStamp = (address: string, version: string) => address.replace(/#|$/, `${/^[^#]*\?/.test(address) ? '&' : '?'}live-reload=${version}$&`)
