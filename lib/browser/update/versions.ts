// Which addresses are stale: every change counted by the file's path, and told to the browser by a query that is new.

const NAME = 'live-reload'
const OLD = new RegExp(`([?&])${NAME}=(\\d+)(?:&|$)`)

export interface Versions {
  note (path: string, seq: number): void
  /** Paths of which an address was seen since they were noted. */
  readonly found: ReadonlySet<string>
  /** What to write instead of an address, if it is stale: as relative as it was. */
  freshen (address: string, base: string): string | undefined
}

/** `fileOf`: the file an address was answered with, if the server said so. */
export function createVersions (fileOf: (address: string) => string | undefined): Versions {
  const newest = new Map<string, number>()
  const found = new Set<string>()

  /** The newest change of what is behind the address. */
  function versionOf (url: URL): number {
    const names = [decode(url.pathname), fileOf(url.href) ?? '']
    let version = 0
    for (const [path, seq] of newest) {
      const wanted = decode(path)
      if (!names.some(name => wanted.startsWith('/') ? name === wanted : name.endsWith(`/${wanted}`))) continue
      found.add(path)
      version = Math.max(version, seq)
    }
    return version
  }

  return {
    found,
    note (path, seq) {
      newest.set(path, seq)
      found.delete(path)
    },
    freshen (address, base) {
      const url = parse(address, base)
      // Another server's file of the same name is another file.
      if (!url || url.origin !== location.origin) return undefined
      const version = versionOf(url)
      if (version === 0 || Number(OLD.exec(url.search)?.[2] ?? 0) >= version) return undefined
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
function stamp (address: string, version: number): string {
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
