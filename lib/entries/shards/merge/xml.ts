// What sitemaps and feeds are written with: escaped text, whole addresses, dates.
import type { Diagnostic } from '../../../../types/build.js'
import { escape } from '../../../shared/text.js'

const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu
// https://www.w3.org/TR/NOTE-datetime. A time needs its zone: without it the moment depends on the machine.
const W3C_DATE = /^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?)?)?$/

export const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** Text for elements and attributes. Characters that XML does not have become `\ufffd`. */
export function xml (text: string): string {
  return escape(text.replace(NOT_XML, '\ufffd'))
}

/** The whole address of `/guide/` in the site, percent-encoded; `undefined` for one that is not of the site. */
export function addressIn (base: string, url: string): string | undefined {
  const text = url.startsWith('/') ? base + url.slice(1) : url
  if (!URL.canParse(text)) return undefined
  const { href } = new URL(text)
  return href.startsWith(base) ? href : undefined
}

/** The moment of a W3C date; `undefined` when it is none. */
export function momentOf (date: string): number | undefined {
  const moment = W3C_DATE.test(date) ? Date.parse(date) : NaN
  return Number.isNaN(moment) ? undefined : moment
}

/** A warning that names the first of the addresses and counts the others; none when there are none. */
export function leftOut (where: string, urls: readonly string[], what: string): Diagnostic[] {
  if (urls.length === 0) return []
  const first = urls.reduce((least, one) => one < least ? one : least)
  return [{ severity: 'warning', message: `${where}: ${first}${urls.length === 1 ? '' : ` and ${urls.length - 1} more`}: ${what}` }]
}
