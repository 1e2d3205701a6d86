// A whole document -> the same with the tag in it, or the reason why not. Pure; bytes are never decoded.
import { ASCII, charsetOf } from './charset.js'
import type { Charset } from './charset.js'
import { findEnd, NO_END } from '../html/rest.js'
import { PROLOGUE, scanPrologue } from '../html/scan.js'
import type { Scan } from '../html/scan.js'

export interface Rules {
  readonly position: 'head' | 'body'
  /** The browser asked for a document: what it gets is one, however it begins. */
  readonly navigation: boolean
}

export type Inserted<T> = { readonly html: T } | { readonly reason: string }

/** Policies in its head, or characters of two bytes: a longer story (`injector.ts`). */
export type Special = { readonly special: true }

export const FOREIGN = 'its encoding does not contain ASCII'

const FRAGMENT = 'it is a fragment, not a document'
const POLICY = /<meta\b[^<>]*\bcontent-security-policy\b/i
const END_OF_HEAD = /<\/head\b|<body\b/i

// Tells for nearly every document, and is cheap to look at.
const GLANCE = 1024

export function insertText (html: string, tag: string, rules: Rules): Inserted<string> | Special {
  const whole = html.length <= PROLOGUE
  const first = whole ? html : html.slice(0, PROLOGUE)
  const place = decidePlace(scanPrologue(first, whole), rules)
  if (typeof place === 'string') return { reason: place }
  if (hasPolicy(first, () => html)) return { special: true }
  const at = rules.position === 'head' ? place : findEnd(html)
  return at === undefined ? { reason: NO_END } : { html: html.slice(0, at) + tag + html.slice(at) }
}

export function insertBytes (html: Buffer, tag: Buffer, rules: Rules): Inserted<Buffer> | Special {
  if (charsetOf(html, ASCII) !== ASCII) return { special: true }
  let scan = scanPrologue(html.toString('latin1', 0, GLANCE), html.length <= GLANCE)
  if (scan.kind === 'more') scan = scanPrologue(html.toString('latin1', 0, PROLOGUE), html.length <= PROLOGUE)
  const place = decidePlace(scan, rules)
  if (typeof place === 'string') return { reason: place }
  if (hasPolicy(html.toString('latin1', 0, PROLOGUE), () => html.toString('latin1'))) return { special: true }
  const at = rules.position === 'head' ? place : findEnd(html.toString('latin1'))
  return at === undefined ? { reason: NO_END } : { html: splice(html, at, tag) }
}

/** May there be a policy in the head? All is asked for only where the head does not end within `first`. */
export function hasPolicy (first: string, all: () => string): boolean {
  return POLICY.test(first) || (!END_OF_HEAD.test(first) && POLICY.test(all()))
}

/** Nothing more will be read: the index, or the reason why there is none. */
export function decidePlace ({ kind, at, stage }: Scan, { navigation }: Pick<Rules, 'navigation'>): number | string {
  if (kind === 'fragment' && !navigation) return FRAGMENT
  // A script before a doctype that is still to come would switch the page to quirks mode.
  if (kind === 'more' && stage === 'start') return 'no document begins within its first 64 KiB'
  return at
}

/** Is what begins so a document? For who must know before the rest has come. */
export function judge (first: Buffer, { navigation, xml, charset }: { readonly navigation: boolean, readonly xml: boolean, readonly charset: Charset }): string | undefined {
  if (navigation || xml || charset !== ASCII) return undefined
  return scanPrologue(first.toString('latin1'), false).kind === 'fragment' ? FRAGMENT : undefined
}

/** `tag` put into `html`, at a byte. */
export function splice (html: Buffer, at: number, tag: Buffer): Buffer {
  const out = Buffer.allocUnsafe(html.length + tag.length)
  html.copy(out, 0, 0, at)
  tag.copy(out, at)
  html.copy(out, at + tag.length, at)
  return out
}
