// Paths compared as text, without touching the disk. All parameters are absolute and normalized.
import { isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** True for `parent` itself and for everything below it. */
export function isWithin (parent: string, path: string): boolean {
  return pathWithin(parent, path) !== undefined
}

/** The path relative to `parent`, empty for `parent` itself; `undefined` outside of it. */
export function pathWithin (parent: string, path: string): string | undefined {
  // The usual cases. `relative()` takes many times as long, and a save asks often.
  if (!path.includes('..')) {
    if (path.startsWith(parent) && path[parent.length] === sep) return path.slice(parent.length + 1)
    if (sep === '/' && path !== parent && !parent.endsWith(sep)) return undefined
  }
  // Knows that Windows ignores case.
  const below = relative(parent, path)
  return below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below) ? undefined : below
}

/** The path relative to `cwd`, with `/` on every system and `.` for `cwd` itself; a path outside of `cwd` stays absolute. */
export function shortenPath (cwd: string, path: string): string {
  const below = pathWithin(cwd, path)
  return below === undefined ? path : withSlashes(below) || '.'
}

/** Text for people, with the paths below `cwd` relative to it: those of stacks may be `file:` URLs. */
export function shortenText (cwd: string, text: string): string {
  return text.replaceAll(`${pathToFileURL(cwd).href}/`, '').replaceAll(cwd + sep, '')
}

/** The path with `/` on every system. */
export function withSlashes (path: string): string {
  return path.replaceAll(sep, '/')
}

/** The URL path at which a root is served, percent-encoded so that it may stand in a header. `mount` is the prefix of the scope that registered the plugin. */
export function rootUrl (mount: string, prefix: string): string {
  return encodeSegments(mount + prefix)
}

/** The path of a URL, with all but its slashes percent-encoded. */
export function encodeSegments (path: string): string {
  return encodeURIComponent(path).replaceAll('%2F', '/')
}
