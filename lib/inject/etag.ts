// The ETag of a page with the client in it, and conditional requests for such a page. Pure.
import type { Stamp } from '../../types/message.js'
import { isSafe, type Document } from './document.js'

/** The original ETag and the stamp: neither a 304 nor a cached copy brings back an older stamp. `undefined` without an ETag or `Last-Modified` to start from. */
export function stampEtag ({ etag, 'last-modified': modified }: Document['headers'], stamp: Stamp): string | undefined {
  if (typeof etag === 'string') return `W/"${opaque(etag)}-${stamp}"`
  const time = typeof modified === 'string' ? Date.parse(modified) : NaN
  return Number.isNaN(time) ? undefined : `W/"${time.toString(36)}-${stamp}"`
}

/** True when the browser holds this very page. An injected page has no `Last-Modified`, so only ETags count. */
export function isFresh ({ method, status, requestHeaders: { 'if-none-match': header } }: Document, etag: string | undefined): boolean {
  if (status !== 200 || !isSafe(method) || header === undefined || etag === undefined) return false
  return header.trim() === '*' || [...header.matchAll(/"([^"]*)"/g)].some(([, tag]) => tag === opaque(etag))
}

function opaque (etag: string): string {
  return etag.replace(/^W\//, '').replace(/^"|"$/g, '')
}
