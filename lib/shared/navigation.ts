// Who asks: tells the navigation of a person from the request of a page for a part of itself, and the own pages from those of other origins. Pure.
import { extname } from 'node:path'

export interface Asking {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** Values of `Sec-Fetch-Dest` for what browsers show as a page of its own, or in a frame. */
const DOCUMENTS: readonly unknown[] = ['document', 'iframe', 'frame', 'embed', 'object']
const ASSETS = /\.(?:[cm]?[jt]sx?|css|map|json|xml|txt|md|wasm|ico|png|jpe?g|gif|webp|avif|svg|bmp|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|pdf|zip|gz|webmanifest)$/i

/**
 * What the browser wants the reply for (`Sec-Fetch-Dest`). A service worker that passes a navigation on asks as a script does (`empty`), but for
 * what no script of a page sets: the mode, or, where the worker gave options of its own, the wish of a navigation for HTTPS.
 * https://fetch.spec.whatwg.org/#dom-request
 */
export function destOf ({ headers }: Asking): string | undefined {
  const { 'sec-fetch-dest': dest, 'sec-fetch-mode': mode } = headers
  const isPassedOn = dest === 'empty' && (mode === 'navigate' || (mode === 'same-origin' && headers['upgrade-insecure-requests'] !== undefined))
  return isPassedOn ? 'document' : dest as string | undefined
}

export function isDocumentDest (dest: unknown): boolean {
  return DOCUMENTS.includes(dest)
}

/** Browsers send `Sec-Fetch-Dest` to trustworthy addresses only. Elsewhere `Accept` and a name without extension decide. */
export function isNavigation (asking: Asking, name: string): boolean {
  const dest = destOf(asking)
  if (dest !== undefined) return isDocumentDest(dest) && !ASSETS.test(name)
  return /text\/html|application\/xhtml\+xml/i.test(String(asking.headers.accept)) && /^(?:\.html?)?$/i.test(extname(name))
}

export interface AskingPage extends Asking {
  /** The request came by HTTPS, as far as the server can tell. */
  readonly secure: boolean
}

/** A proxy may have ended TLS. Any program may claim so, but no page of another scheme: browsers fetch nothing by HTTP from a page that came by HTTPS. */
export function isSecure (protocol: string, headers: AskingPage['headers']): boolean {
  return protocol === 'https' || /^\s*https\b/i.test(String(headers['x-forwarded-proto']))
}

/** True for an `Origin` whose scheme, host or port is not the server's own, and for `null`. Browsers say `same-origin` even where a policy hides the origin. */
export function isForeign ({ headers, secure }: AskingPage): boolean {
  const { origin, host = headers[':authority'] } = headers
  if (origin === undefined || headers['sec-fetch-site'] === 'same-origin') return false
  return String(origin).toLowerCase() !== `http${secure ? 's' : ''}://${String(host)}`.toLowerCase()
}

/** True for the address of a connection that only programs of this machine can have. */
export function isLoopback (address: string): boolean {
  return /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address)
}
