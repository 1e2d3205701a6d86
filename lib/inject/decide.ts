// Is this reply to this request a document of ours to change? Pure; what the content says comes after (`insert.ts`, `injector.ts`).
import type { IncomingHttpHeaders } from 'node:http'
import { declaredCharset } from './body/charset.js'
import type { Charset } from './body/charset.js'
import { canDecode } from './body/encoded.js'

/** What of a request and its reply matters. Header values as they are. */
export interface Exchange {
  readonly status: number
  readonly type: unknown
  /** `Sec-Fetch-Dest`: browsers send it to trustworthy addresses, other programs never. */
  readonly dest: unknown
  readonly accept: unknown
  readonly origin: unknown
  readonly host: unknown
  /** A header by which scripts mark what they fetch (`HX-Request`, `Turbo-Frame` ...), if there is one. */
  readonly fetched: boolean
  readonly encoding: unknown
  readonly disposition: unknown
  readonly range: unknown
  readonly cacheControl: unknown
  readonly payload: 'text' | 'bytes' | 'stream' | 'empty' | 'nothing' | 'other'
}

/** A document of ours. */
export interface Found {
  readonly inject: true
  /** The browser asked for a document. */
  readonly navigation: boolean
  readonly xml: boolean
  readonly charset: Charset
  /** How it is compressed, if it is. */
  readonly encoding: string | undefined
}

export type Decision = Found | { readonly inject: false, readonly reason: string }

/** The commonest refusal, known before anything else is. */
export const NOT_HTML = 'its content type is not text/html'

export function decide (exchange: Exchange): Decision {
  const reason = refusalOf(exchange)
  if (reason !== undefined) return { inject: false, reason }
  const charset = declaredCharset(String(exchange.type))
  if (charset === undefined || (charset.unit === 2 && exchange.payload === 'text')) return { inject: false, reason: 'its charset is none the tag can be written in' }
  const encoding = encodingOf(exchange.encoding)
  if (encoding !== undefined && (exchange.payload === 'text' || !canDecode(encoding))) return { inject: false, reason: `it is encoded (${encoding})` }
  return { inject: true, navigation: exchange.dest !== undefined, xml: isXml(exchange.type), charset, encoding }
}

/** Can the answer be a page at all? Judged by what browsers say of themselves. */
export function mayBeDocument ({ 'sec-fetch-dest': dest }: IncomingHttpHeaders): boolean {
  return dest === undefined || isDocument(dest)
}

/** Does the request say that it wants a page? */
export function asksForDocument ({ 'sec-fetch-dest': dest, accept }: Pick<IncomingHttpHeaders, 'accept'> & { 'sec-fetch-dest'?: unknown }): boolean {
  return dest === undefined ? accept !== undefined && accept.includes('text/html') : isDocument(dest)
}

export function isHtml (type: unknown): type is string {
  return type === 'text/html; charset=utf-8' || type === 'text/html' || (typeof type === 'string' && /^\s*text\/html\s*(?:;|$)/i.test(type))
}

/** XHTML and SVG: pages when a browser navigates to them, else data. */
export function isXml (type: unknown): type is string {
  return typeof type === 'string' && /^\s*(?:application\/xhtml|image\/svg)\+xml\s*(?:;|$)/i.test(type)
}

function refusalOf (exchange: Exchange): string | undefined {
  const { status, type, dest, accept, payload } = exchange
  if (isXml(type) ? !asksForDocument({ 'sec-fetch-dest': dest, accept: accept as string }) : !isHtml(type)) return NOT_HTML
  if (status < 200 || status === 204 || status === 205 || status === 206 || (status >= 300 && status < 400)) return `its status is ${status}`
  if (dest !== undefined && !isDocument(dest)) return `it was asked for as ${String(dest) === 'empty' ? 'data (fetch or XMLHttpRequest)' : String(dest)}`
  if (exchange.fetched) return 'a script fetched it'
  // Only a script sends an Origin of elsewhere; where CORS lets it read the answer, the token would leak.
  if (dest === undefined && exchange.origin !== undefined && !isSameOrigin(exchange.origin, exchange.host)) return 'a script of another origin fetched it'
  if (is(exchange.disposition, /^\s*attachment/i)) return 'it is a download'
  if (exchange.range !== undefined) return 'it is a part (Content-Range)'
  if (is(exchange.cacheControl, /\bno-transform\b/i)) return 'it says Cache-Control: no-transform'
  // A page that is empty for a moment, while its file is saved, has to come back by itself.
  if (payload === 'nothing' || (payload === 'empty' && (dest === undefined || isXml(type)))) return 'it is empty'
  if (payload === 'other') return 'its stream is read by somebody else'
  return undefined
}

// What a browser shows as a page of its own, or as a frame.
function isDocument (dest: unknown): boolean {
  return dest === 'document' || dest === 'iframe' || dest === 'frame' || dest === 'embed' || dest === 'object'
}

function is (value: unknown, pattern: RegExp): boolean {
  return value !== undefined && pattern.test(String(value))
}

function isSameOrigin (origin: unknown, host: unknown): boolean {
  return typeof origin === 'string' && typeof host === 'string' && origin.toLowerCase().endsWith(`//${host.toLowerCase()}`)
}

function encodingOf (given: unknown): string | undefined {
  const encoding = given === undefined ? '' : String(given).trim().toLowerCase()
  return encoding === '' || encoding === 'identity' ? undefined : encoding
}
