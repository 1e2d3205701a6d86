// Which addresses are stale: every change counted by the file's path, and told to the browser by a query that is new.

const NAME = 'live-reload'
const OLD = new RegExp(`([?&])${NAME}=([\\w-]*[.]\\d+)(?:&|$)`)

export interface Versions {
  note (path: string, seq: number): void
  /** Paths of which an address was seen since they were noted. */
  readonly found: ReadonlySet<string>
  /** What to write instead of an address, if it is stale: as relative as it was. */
  freshen (address: string, base: string): string | undefined
}

/**
 * `epoch`: the server process the page is from; every one counts from zero, and a cache may still hold what another one answered.
 * `fileOf`: the file an address was answered with, if the server said so.
 */
export function createVersions (epoch: () => string, fileOf: (address: string) => string | undefined): Versions {
  /** In the order in which they were noted. */
  const newest = new Map<string, string>()
  const found = new Set<string>()

  /** The newest change of what is behind the address. */
  function versionOf (url: URL): string | undefined {
    const names = [decode(url.pathname), fileOf(url.href) ?? '']
    let version: string | undefined
    for (const [path, noted] of newest) {
      const wanted = decode(path)
      if (!names.some(name => wanted.startsWith('/') ? name === wanted : name.endsWith(`/${wanted}`))) continue
      found.add(path)
      version = noted
    }
    return version
  }

  return {
    found,
    note (path, seq) {
      newest.delete(path)
      newest.set(path, `${epoch()}.${seq}`)
      found.delete(path)
    },
    freshen (address, base) {
      const url = parse(address, base)
      // Another server's file of the same name is another file.
      if (!url || url.origin !== location.origin) return undefined
      const version = versionOf(url)
      if (!version || OLD.exec(url.search)?.[2] === version) return undefined
      return stamp(address.trim(), version)
    }
  }
}

export function parse (address: string, base: string): URL | undefined {
  try {
    return new URL(address, base)
  } catch {
    return undefined
  }
}

/** The address without what was added here. */
export function plain (search: string): string {
  return search.replace(OLD, '$1').replace(/[?&]$/, '')
}

// By text: to write a query by its parts writes the rest of it anew as well.
function stamp (address: string, version: string): string {
  const [, path, search = '', hash = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(address) as unknown as string[]
  const rest = plain(search)
  return `${path}${rest}${rest ? '&' : '?'}${NAME}=${version}${hash}`
}

export function decode (path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
