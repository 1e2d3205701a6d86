// Which addresses are stale: every change counted by the file's path, and told to the browser by a query that is new.

/** What was added to an address, at the end of its query. */
const STAMP = /[?&]live-reload=[\w-]*\.\d+(?![\d&])/g

/** What to write instead of an address, if it is stale: as relative as it was. */
export type Freshen = (address: string, base: string) => string | undefined

/**
 * `newest`: versions by the paths of files, in the order in which they were told. Of these `found` are those of which an address was seen.
 * `fileOf`: the file an address was answered with, if the server said so.
 */
export function createFreshen (newest: ReadonlyMap<string, string>, found: Set<string>, fileOf: (address: string) => string | undefined): Freshen {
  return (address, base) => {
    const url = parse(address, base)
    // Another server's file of the same name is another file.
    if (url?.origin !== location.origin) return undefined
    const names = [decode(url.pathname), fileOf(url.href)]
    let version: string | undefined
    for (const [path, told] of newest) {
      const wanted = decode(path)
      // Without a slash in front it is how the path ends.
      if (!names.some(name => wanted.startsWith('/') ? name === wanted : name?.endsWith(`/${wanted}`))) continue
      found.add(path)
      version = told
    }
    const fresh = version && stamp(plain(address.trim()), version)
    return fresh === address ? undefined : fresh
  }
}

export function parse (address: string, base?: string): URL | undefined {
  try {
    return new URL(address, base)
  } catch {
    return undefined
  }
}

/** The address without what was added here. */
export const plain = (address: string) => address.replace(STAMP, '')

// By text: to write a query by its parts writes the rest of it anew as well.
const stamp = (address: string, version: string) => address.replace(/#|$/, `${/^[^#]*\?/.test(address) ? '&' : '?'}live-reload=${version}$&`)

export function decode (path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
