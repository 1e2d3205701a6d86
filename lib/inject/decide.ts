// Is this reply to this request a document of ours to change? Pure; what the content says comes after (`insert.ts`, `stream.ts`).
import type { IncomingHttpHeaders } from 'node:http'

/** What of a request and its reply matters. Header values as they are. */
export interface Exchange {
  readonly status: number
  readonly type: unknown
  /** `Sec-Fetch-Dest`: browsers send it to trustworthy addresses, other programs never. */
  readonly dest: unknown
  readonly origin: unknown
  readonly host: unknown
  /** A header by which scripts mark what they fetch (`HX-Request`, `Turbo-Frame` ...), if there is one. */
  readonly fetched: boolean
  readonly encoding: unknown
  readonly disposition: unknown
  readonly range: unknown
  readonly cacheControl: unknown
  readonly payload: 'text' | 'bytes' | 'stream' | 'nothing' | 'other'
}

export type Decision =
  | { readonly inject: true, /** The browser asked for a document. */ readonly navigation: boolean }
  | { readonly inject: false, readonly reason: string }

/** The commonest refusal, known before anything else is. */
export const NOT_HTML = 'its content type is not text/html'

const ASCII_BASED = /^(?:utf-?8|us-ascii|ascii|iso-?8859-?\d+\w*|latin-?\d+|windows-\d+|cp125\d|koi8-\w+|mac\w*|gbk|gb\d+|big5\w*|euc-\w+|shift[_-]jis|sjis|tis-620)$/i
const NAVIGATION: Decision = { inject: true, navigation: true }
const PERHAPS: Decision = { inject: true, navigation: false }

export function decide (exchange: Exchange): Decision {
  const reason = refusalOf(exchange)
  if (reason !== undefined) return { inject: false, reason }
  return exchange.dest === undefined ? PERHAPS : NAVIGATION
}

/** Can the answer be a page at all? Judged by what browsers say of themselves. */
export function mayBeDocument ({ 'sec-fetch-dest': dest }: IncomingHttpHeaders): boolean {
  return dest === undefined || isDocument(dest)
}

/** Does the request say that it wants a page? */
export function asksForDocument ({ 'sec-fetch-dest': dest, accept }: IncomingHttpHeaders): boolean {
  return dest === undefined ? accept !== undefined && accept.includes('text/html') : isDocument(dest)
}

export function isHtml (type: unknown): type is string {
  return type === 'text/html; charset=utf-8' || type === 'text/html' || (typeof type === 'string' && /^\s*text\/html\s*(?:;|$)/i.test(type))
}

function refusalOf (exchange: Exchange): string | undefined {
  const { status, type, dest, payload } = exchange
  if (!isHtml(type)) return NOT_HTML
  if (status < 200 || status === 204 || status === 205 || status === 206 || (status >= 300 && status < 400)) return `its status is ${status}`
  if (dest !== undefined && !isDocument(dest)) return `it was asked for as ${String(dest) === 'empty' ? 'data (fetch or XMLHttpRequest)' : String(dest)}`
  if (exchange.fetched) return 'a script fetched it'
  // Only a script sends an Origin of elsewhere; where CORS lets it read the answer, the token would leak.
  if (dest === undefined && exchange.origin !== undefined && !isSameOrigin(exchange.origin, exchange.host)) return 'a script of another origin fetched it'
  if (!isAsciiBased(type)) return 'its charset does not contain ASCII'
  if (exchange.encoding !== undefined && !is(exchange.encoding, /^\s*(identity\s*)?$/i)) return `it is encoded (${String(exchange.encoding)})`
  if (is(exchange.disposition, /^\s*attachment/i)) return 'it is a download'
  if (exchange.range !== undefined) return 'it is a part (Content-Range)'
  if (is(exchange.cacheControl, /\bno-transform\b/i)) return 'it says Cache-Control: no-transform'
  if (payload === 'nothing') return 'it is empty'
  if (payload === 'other') return 'a web Response or ReadableStream is not supported yet'
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

function isAsciiBased (type: string): boolean {
  const charset = /;\s*charset\s*=\s*["']?\s*([^\s"';]+)/i.exec(type)?.[1]
  return charset === undefined || ASCII_BASED.test(charset)
}
