// Which addresses are stale: every change counted by the file's path, and told to the browser by a query that is new.

/** What was added to an address, at the end of its query. */
const STAMP = /[?&]live-reload=[\w-]*\.\d+(?![\d&])/g

/** What to write instead of an address, if it is stale: as relative as it was. */
export type Freshen = (address: string, base: string) => string | undefined

/** What is there now, and its version. */
export type News = readonly [path: string, version: string]

/**
 * `newest`: by the paths that files have or had, in the order in which they were told. Of these `found` are those of which an address was seen.
 * `fileAt`: the file that was answered there, if the server said so.
 */
export function createFreshen (newest: ReadonlyMap<string, News>, found: Set<string>, fileAt: (place: string) => string | undefined): Freshen {
  return (address, base) => {
    let place = placeOf(address, base)
    // Another server's file of the same name is another file, and what is in the page itself is none.
    if (!isOurs(place) || address.startsWith('#')) return undefined
    let file = fileAt(place)
    let fresh = plain(address.trim())
    let version: string | undefined
    // Without a slash in front it is how the path ends.
    const isAt = (path: string) => file === path || place.endsWith((path.startsWith('/') ? location.origin : '/') + decodeURIComponent(path))
    for (const [was, [path, told]] of newest) {
      // It may have been put there before, for another page.
      if (!isAt(was) && !isAt(path)) continue
      found.add(was)
      version = told
      if (path === was) continue
      // The name alone is another one.
      fresh = fresh.replace(/[^/?#]+(?=[?#]|$)/, path.replace(/.*\//, ''))
      place = placeOf(fresh, base)
      // Nobody may have asked for it yet.
      file = path
    }
    const stamped = version && stamp(fresh, version)
    return stamped === address ? undefined : stamped
  }
}

/** Where an address leads, without its query: origin and path, as people write them. */
export function placeOf (address: string, base?: string): string {
  try {
    const { origin, pathname } = new URL(address, base)
    return origin + decodeURIComponent(pathname)
  } catch {
    return ''
  }
}

export const isOurs = (place: string) => place.startsWith(`${location.origin}/`)

/** The address without what was added here. */
export const plain = (address: string) => address.replace(STAMP, '')

// By text: to write a query by its parts writes the rest of it anew as well.
const stamp = (address: string, version: string) => address.replace(/#|$/, `${/^[^#]*\?/.test(address) ? '&' : '?'}live-reload=${version}$&`)
