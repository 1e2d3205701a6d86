// A whole document -> the same with the tag in it, or the reason why not. Pure; bytes are never decoded.
import { findEnd, NO_END } from '../html/end.js'
import { PROLOGUE, scanPrologue, type Scan } from '../html/scan.js'

/** What is put where. */
export interface Injection {
  /** The whole script element, in ASCII. */
  readonly tag: string
  readonly position: 'head' | 'body'
  /** The browser asked for a document: what it gets is one, however it begins. */
  readonly navigation: boolean
}

export type Inserted<T> = { readonly html: T } | { readonly reason: string }

export const FOREIGN = 'its encoding does not contain ASCII'
const FRAGMENT = 'it is a fragment, not a document'
/** Bytes of the first look; enough for almost every document. */
const FIRST_LOOK = 1024

export function insertText (html: string, injection: Injection): Inserted<string> {
  const place = decidePlace(scanPrologue(html.slice(0, PROLOGUE), html.length <= PROLOGUE), injection)
  if (typeof place === 'string') return { reason: place }
  const at = injection.position === 'head' ? place : findEnd(html)
  return at === undefined ? { reason: NO_END } : { html: html.slice(0, at) + injection.tag + html.slice(at) }
}

export function insertBytes (html: Buffer, injection: Injection): Inserted<Buffer> {
  if (isForeign(html)) return { reason: FOREIGN }
  let scan = scanPrologue(html.toString('latin1', 0, FIRST_LOOK), html.length <= FIRST_LOOK)
  if (scan.kind === 'more') scan = scanPrologue(html.toString('latin1', 0, PROLOGUE), html.length <= PROLOGUE)
  const place = decidePlace(scan, injection)
  if (typeof place === 'string') return { reason: place }
  const at = injection.position === 'head' ? place : findEnd(html.toString('latin1'))
  return at === undefined ? { reason: NO_END } : { html: Buffer.concat([html.subarray(0, at), Buffer.from(injection.tag), html.subarray(at)]) }
}

/** UTF-16, by its byte order mark or its zeros. */
export function isForeign ([a, b]: Buffer): boolean {
  return (a === 0xFF && b === 0xFE) || (a === 0xFE && b === 0xFF) || a === 0 || b === 0
}

/** The index, or the reason why there is none, when nothing more will be read. */
export function decidePlace ({ kind, at, stage }: Scan, { navigation }: Pick<Injection, 'navigation'>): number | string {
  if (kind === 'fragment' && !navigation) return FRAGMENT
  // A script before a doctype that is still to come would switch the page to quirks mode.
  if (kind === 'more' && stage === 'start') return 'no document begins within its first 64 KiB'
  return at
}

/** The reason why a document that begins like this will get no tag, as far as that is known before the rest has come. */
export function judgeStart (first: Buffer, { navigation }: Pick<Injection, 'navigation'>): string | undefined {
  if (isForeign(first)) return FOREIGN
  return !navigation && scanPrologue(first.toString('latin1'), false).kind === 'fragment' ? FRAGMENT : undefined
}
