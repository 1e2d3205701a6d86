// Reads the first tokens of an HTML document, and finds where a script may go. Pure; never looks into the rest.

/** How far a document has come: tokens only go forward, what goes back is content. */
export type Stage = 'start' | 'doctype' | 'html' | 'head'

export interface Scan {
  /**
   * - `document`: it is one, and `at` is the place;
   * - `fragment`: nothing says so; `at` is the best place if it is one all the same;
   * - `foreign`: not in an encoding that contains ASCII;
   * - `more`: the text ends too early to tell; `at` is the best place so far.
   */
  readonly kind: 'document' | 'fragment' | 'foreign' | 'more'
  readonly at: number
  readonly stage: Stage
}

const ORDER: readonly Stage[] = ['start', 'doctype', 'html', 'head']
const VISIBLE = /[^\t\n\f\r ]/g
const TAG_END = /[>=]/g
const VALUE_END = /[\t\n\f\r >]/g
const NAME = /[a-z][^\t\n\f\r />]*/iy
const BOM = '\uFEFF'
const BOM_BYTES = '\xEF\xBB\xBF'

/**
 * `text` is a string, or the latin1 view of bytes: places are indexes into what it was made from.
 * `complete` says that nothing follows. `stage` goes on where an earlier scan of the text before this one stopped.
 */
export function scanPrologue (text: string, complete: boolean, stage: Stage = 'start'): Scan {
  let at = 0
  let i = 0
  const end = (kind: Scan['kind']): Scan => ({ kind, at, stage })
  const settle = (): Scan => end(stage === 'start' ? 'fragment' : 'document')
  const short = (): Scan => complete ? settle() : end('more')

  if (stage === 'start') {
    if (isForeign(text)) return end('foreign')
    if (!complete && text.length < 3 && (text.length < 2 || BOM_BYTES.startsWith(text))) return end('more')
    at = i = text.startsWith(BOM) ? 1 : text.startsWith(BOM_BYTES) ? 3 : 0
  }
  for (;;) {
    i = search(VISIBLE, text, i)
    if (i === -1) return short()
    if (text[i] !== '<') return settle()
    const token = readToken(text, i)
    if (token === undefined) return short()
    i = token.end
    if (token.name === 'comment') {
      if (stage === 'start') at = i
    } else if (token.name === 'meta') {
      if (token.charset) at = i
      return settle()
    } else {
      const next = ORDER.indexOf(token.name as Stage)
      if (next <= ORDER.indexOf(stage)) {
        if (token.name === 'body' && stage === 'start') stage = 'html'
        return settle()
      }
      stage = token.name as Stage
      at = i
    }
  }
}

interface Token {
  readonly name: string
  /** Where it ends. */
  readonly end: number
  /** Of a `meta`: it declares the encoding. */
  readonly charset: boolean
}

// `undefined`: the text ends within the token.
function readToken (text: string, at: number): Token | undefined {
  const mark = text[at + 1]
  if (mark === undefined) return undefined
  if (mark === '!' || mark === '?') return readDeclaration(text, at)
  NAME.lastIndex = at + 1
  const name = NAME.exec(text)?.[0].toLowerCase() ?? ''
  const after = at + 1 + name.length
  if (after === text.length) return undefined
  if (name !== 'html' && name !== 'head' && name !== 'meta') return { name, end: at, charset: false }
  const end = endOfTag(text, after)
  return end === -1 ? undefined : { name, end, charset: name === 'meta' && /\bcharset\s*=/i.test(text.slice(after, end)) }
}

function readDeclaration (text: string, at: number): Token | undefined {
  const head = text.slice(at, at + 9).toLowerCase()
  if (head.startsWith('<!--')) {
    const end = endOfComment(text, at)
    return end === -1 ? undefined : { name: 'comment', end, charset: false }
  }
  if (head.length < 9 && ('<!--'.startsWith(head) || '<!doctype'.startsWith(head))) return undefined
  const end = text.indexOf('>', at) + 1
  return end === 0 ? undefined : { name: head === '<!doctype' ? 'doctype' : 'comment', end, charset: false }
}

// `<!-->` and `<!--->` are whole comments, and `--!>` ends one too: so says the HTML standard.
function endOfComment (text: string, at: number): number {
  const end = text.indexOf('-->', at + 2)
  const odd = text.slice(at + 4, end === -1 ? undefined : end).indexOf('--!>')
  if (odd !== -1) return at + 4 + odd + 4
  return end === -1 ? -1 : end + 3
}

// A quote opens a value only after `=`; anywhere else it is part of a name.
function endOfTag (text: string, from: number): number {
  let i = from
  for (;;) {
    i = search(TAG_END, text, i)
    if (i === -1) return -1
    if (text[i] === '>') return i + 1
    i = search(VISIBLE, text, i + 1)
    const quote = text[i]
    if (quote === '"' || quote === "'") i = text.indexOf(quote, i + 1) + 1
    else if (i !== -1) i = search(VALUE_END, text, i)
    if (i <= 0) return -1
  }
}

function search (what: RegExp, text: string, from: number): number {
  what.lastIndex = from
  return what.exec(text)?.index ?? -1
}

// UTF-16 and UTF-32, by their marks or by the zeros beside ASCII.
function isForeign (text: string): boolean {
  const a = text.charCodeAt(0)
  const b = text.charCodeAt(1)
  return (a === 0xFF && b === 0xFE) || (a === 0xFE && b === 0xFF) || a === 0 || b === 0
}
