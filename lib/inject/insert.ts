// A whole document -> the same with the tag in it, or the reason why not. Pure; bytes are never decoded.
import { findEnd, findEndOfBytes } from './ending.js'
import { scanPrologue } from './scan.js'
import type { Scan } from './scan.js'

export interface Rules {
  readonly position: 'head' | 'body'
  /** The browser asked for a document: what it gets is one, however it begins. */
  readonly navigation: boolean
}

/** One of both is there. */
export type Inserted<T> = { readonly html: T } | { readonly reason: string }

/** Characters within which a document must have said that it is one. */
export const PROLOGUE = 65_536

// Tells for nearly every document, and is cheap to look at.
const GLANCE = 1024

export function insertText (html: string, tag: string, rules: Rules): Inserted<string> {
  const whole = html.length <= PROLOGUE
  const place = decidePlace(scanPrologue(whole ? html : html.slice(0, PROLOGUE), whole), rules)
  if (typeof place === 'string') return { reason: place }
  const at = rules.position === 'head' ? place : findEnd(html)
  return { html: html.slice(0, at) + tag + html.slice(at) }
}

export function insertBytes (html: Buffer, tag: Buffer, rules: Rules): Inserted<Buffer> {
  let scan = scanPrologue(html.toString('latin1', 0, GLANCE), html.length <= GLANCE)
  if (scan.kind === 'more') scan = scanPrologue(html.toString('latin1', 0, PROLOGUE), html.length <= PROLOGUE)
  const place = decidePlace(scan, rules)
  if (typeof place === 'string') return { reason: place }
  return { html: splice(html, rules.position === 'head' ? place : findEndOfBytes(html, GLANCE), tag) }
}

/** Nothing more will be read: the index, or the reason why there is none. */
export function decidePlace ({ kind, at, stage }: Scan, { navigation }: Rules): number | string {
  if (kind === 'foreign') return 'its encoding does not contain ASCII'
  if (kind === 'fragment' && !navigation) return 'it is a fragment, not a document'
  // A script before a doctype that is still to come would switch the page to quirks mode.
  if (kind === 'more' && stage === 'start') return 'no document begins within its first 64 KiB'
  return at
}

/** `tag` put into `html`, at a byte. */
export function splice (html: Buffer, at: number, tag: Buffer): Buffer {
  const out = Buffer.allocUnsafe(html.length + tag.length)
  html.copy(out, 0, 0, at)
  tag.copy(out, at)
  html.copy(out, at + tag.length, at)
  return out
}
