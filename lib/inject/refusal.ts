// Why a reply is not a document to inject, judged by everything but its content. Pure.
import { destOf, isDocumentDest, isForeign } from '../shared/navigation.js'
import { canDecode } from './body/encoded.js'
import { isHtml, kindOf, type Document } from './document.js'

export const NOT_HTML = 'its content type is not text/html'
/** The only reason that is not plain to see. */
export const NEEDS_INTEGRITY = 'its Integrity-Policy blocks scripts that have no integrity'
/** By these htmx, Turbo, Unpoly and others mark what they fetch: browsers send `Sec-Fetch-Dest` to trustworthy addresses only. */
const FETCHED = ['hx-request', 'hx-history-restore-request', 'turbo-frame', 'x-turbo-request-id', 'x-up-target', 'x-up-version', 'x-requested-with']
/** Each contains ASCII, every character as one byte. */
const ASCII_BASED = /^(?:utf-?8|us-ascii|ascii|iso-?8859-?\d+\w*|latin-?\d+|windows-\d+|cp125\d|koi8-\w+|mac\w*|x-mac-\w+|gbk|gb\d+|big5\w*|euc-\w+|shift[_-]jis|sjis|tis-620)$/i

/** The reason, or `undefined` for a document. */
export function refusalOf (document: Document): string | undefined {
  if (!isHtml(document.headers['content-type'])) return NOT_HTML
  return refuseStatus(document.status) ?? refuseRequest(document) ?? refuseHeaders(document) ?? refuseBody(document)
}

/** The same, whoever asks: a copy in a cache is for all. */
export function refusalOfReply (document: Document): string | undefined {
  if (!isHtml(document.headers['content-type'])) return NOT_HTML
  return refuseStatus(document.status) ?? refuseHeaders(document) ?? refuseBody(document)
}

/** How the body is compressed, if it is. */
export function encodingOf ({ headers: { 'content-encoding': given } }: Document): string | undefined {
  const encoding = given === undefined ? '' : String(given).trim().toLowerCase()
  return encoding === '' || encoding === 'identity' ? undefined : encoding
}

function refuseStatus (status: number): string | undefined {
  return status < 200 || status === 204 || status === 205 || status === 206 || (status >= 300 && status < 400) ? `its status is ${status}` : undefined
}

function refuseRequest ({ requestHeaders: headers, secure }: Document): string | undefined {
  const dest = destOf({ headers })
  // The page's client fetches its own page, to update it in place. No other site can send this header.
  const isOwnFetch = headers['x-live-reload'] !== undefined
  if (dest !== undefined && !isDocumentDest(dest) && !isOwnFetch) return `the browser requested it as ${dest === 'empty' ? 'data (fetch or XMLHttpRequest)' : dest}`
  if (FETCHED.some(name => headers[name] !== undefined)) return 'a script fetched it'
  // Only a script sends the Origin of another site; where CORS lets it read the answer, the token would leak.
  if (dest === undefined && isForeign({ headers, secure })) return 'a script of another origin fetched it'
  return undefined
}

function refuseHeaders ({ headers }: Document): string | undefined {
  const has = (name: string, pattern: RegExp) => headers[name] !== undefined && pattern.test(String(headers[name]))
  if (has('content-disposition', /^\s*attachment/i)) return 'it is a download'
  if (headers['content-range'] !== undefined) return 'it is part of a file (Content-Range)'
  if (has('integrity-policy', /\bblocked-destinations\s*=\s*\([^)]*\bscript\b/i)) return NEEDS_INTEGRITY
  if (has('cache-control', /\bno-transform\b/i)) return 'it says Cache-Control: no-transform'
  return undefined
}

function refuseBody (document: Document): string | undefined {
  const kind = kindOf(document.body)
  // A page that is empty while its file is being saved has to come back by itself.
  if (kind === 'nothing' || (kind === 'empty' && document.requestHeaders['sec-fetch-dest'] === undefined)) return 'it is empty'
  if (kind === 'other') return 'something else reads its stream'
  const charset = /;\s*charset\s*=\s*["']?\s*([^\s"';]+)/i.exec(String(document.headers['content-type']))?.[1]
  if (charset !== undefined && !ASCII_BASED.test(charset)) return 'the tag cannot be written in its charset'
  const encoding = encodingOf(document)
  return encoding !== undefined && (kind === 'text' || !canDecode(encoding)) ? `it is encoded (${encoding})` : undefined
}
