// Conditional requests. A page that was cached without the client, or with an older stamp, must not come back by a 304.
import type { IncomingHttpHeaders } from 'node:http'
import type { Stamp } from '../../types/message.js'

/** What was taken out of a request before its handler could see it. */
export interface Conditions {
  readonly noneMatch: string | undefined
  readonly modifiedSince: string | undefined
}

/** Is there anything to take? */
export function hasConditions (headers: IncomingHttpHeaders): boolean {
  return headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined || headers['if-range'] !== undefined
}

/** Hides the conditions, so that the handler gives the page itself. */
export function takeConditions (headers: IncomingHttpHeaders): Conditions {
  // A range under a condition continues a copy: the rest of a page without the client.
  if (headers['if-range'] !== undefined) {
    delete headers['if-range']
    delete headers.range
  }
  const { 'if-none-match': noneMatch, 'if-modified-since': modifiedSince } = headers
  delete headers['if-none-match']
  delete headers['if-modified-since']
  return { noneMatch, modifiedSince }
}

/** For hooks that come after ours, and compare by themselves. */
export function restoreConditions (headers: IncomingHttpHeaders, { noneMatch, modifiedSince }: Conditions): void {
  if (noneMatch !== undefined) headers['if-none-match'] = noneMatch
  if (modifiedSince !== undefined) headers['if-modified-since'] = modifiedSince
}

/** Is the copy that the browser holds this one? By RFC 9110: the ETag decides alone where it is asked for. */
export function isUnchanged (headers: IncomingHttpHeaders, etag: unknown, lastModified: unknown): boolean {
  const { 'if-none-match': noneMatch, 'if-modified-since': modifiedSince } = headers
  if (noneMatch !== undefined) return noneMatch.trim() === '*' || (typeof etag === 'string' && listsTag(noneMatch, etag))
  return modifiedSince !== undefined && typeof lastModified === 'string' && Date.parse(lastModified) <= Date.parse(modifiedSince)
}

/** The ETag of a page with the client in it: what it was before, and the stamp. `undefined` when there is nothing to go by. */
export function stampTag (etag: unknown, lastModified: unknown, stamp: Stamp): string | undefined {
  if (typeof etag === 'string') return `W/"${opaque(etag)}-${stamp}"`
  const time = typeof lastModified === 'string' ? Date.parse(lastModified) : NaN
  return Number.isNaN(time) ? undefined : `W/"${time.toString(36)}-${stamp}"`
}

function listsTag (list: string, etag: string): boolean {
  const wanted = opaque(etag)
  for (const [, tag] of list.matchAll(/"([^"]*)"/g)) if (tag === wanted) return true
  return false
}

function opaque (etag: string): string {
  return etag.replace(/^W\//, '').replace(/^"|"$/g, '')
}
