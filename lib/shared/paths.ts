// Paths compared as text, without touching the disk. All parameters are absolute and normalized.
import { isAbsolute, relative, sep } from 'node:path'

/** True for `parent` itself and for everything below it. */
export function isWithin (parent: string, path: string): boolean {
  const below = relative(parent, path)
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below)
}

/** The path relative to `cwd`, with `/` on every system and `.` for `cwd` itself; a path outside of `cwd` stays absolute. */
export function shortenPath (cwd: string, path: string): string {
  return isWithin(cwd, path) ? withSlashes(relative(cwd, path)) || '.' : path
}

/** The path with `/` on every system. */
export function withSlashes (path: string): string {
  return path.replaceAll(sep, '/')
}

/** The URL path at which a root is served, percent-encoded so that it may stand in a header. `mount` is the prefix of the scope that registered the plugin. */
export function rootUrl (mount: string, prefix: string): string {
  return `${mount}${prefix}`.split('/').map(encodeURIComponent).join('/')
}
