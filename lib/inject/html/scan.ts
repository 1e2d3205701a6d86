// Reads the first tokens of an HTML document, and finds where a script may go. Pure; never looks into the rest.
import { readInside } from './attributes.js'

/** How far a document has come: tokens only go forward, what goes back is content. */
export type Stage = 'start' | 'doctype' | 'html' | 'head'

export interface Scan {
  /**
   * - `document`: it is one, and `at` is the place;
   * - `fragment`: nothing says so; `at` is the best place if it is one all the same;
   * - `more`: the text ends too early to tell; `at` is the best place so far.
   */
  readonly kind: 'document' | 'fragment' | 'more'
  readonly at: number
  readonly stage: Stage
}

/** Characters within which a document must have said that it is one. */
export const PROLOGUE = 65_536

const ORDER: readonly Stage[] = ['start', 'doctype', 'html', 'head']
const VISIBLE = /[^\t\n\f\r ]/g
const NAME = /[a-z][^\t\n\f\r />]*/iy
const ENDS = /^(?:html|head|body|br)$/
const BOM = '\uFEFF'
const BOM_BYTES = '\xEF\xBB\xBF'

/**
 * `text` is a string, or the latin1 view of bytes: places are indexes into what it was made from.
 * `complete` says that nothing follows. `stage` goes on where an earlier scan of the text before this one stopped.
 */
export function scanPrologue (text: string, complete: boolean, stage: Stage = 'start'): Scan {
  let at = 0
  let i = 0
  // Something ended before anything began: nothing says that this is a document.
  let stray = false
  const end = (kind: Scan['kind']): Scan => ({ kind, at, stage: stray ? 'start' : stage })
  // Space before the tag would become a text of the head, if it came after it.
  const settle = (place: number): Scan => {
    at = place
    return end(stage === 'start' || stray ? 'fragment' : 'document')
  }
  const short = (place: number): Scan => complete ? settle(place) : end('more')

  if (stage === 'start') {
    if (!complete && text.length < 3 && BOM_BYTES.startsWith(text)) return end('more')
    at = i = text.startsWith(BOM) ? 1 : text.startsWith(BOM_BYTES) ? 3 : 0
  }
  for (;;) {
    i = search(VISIBLE, text, i)
    if (i === -1) return short(text.length)
    if (text[i] !== '<') return settle(i)
    const token = readToken(text, i)
    if (token === undefined) return short(i)
    if (token.name === 'comment' || token.name === 'ended') {
      stray ||= token.name === 'ended' && stage === 'start'
      at = i = token.end
    } else if (token.name === 'meta') {
      return settle(token.charset ? token.end : i)
    } else {
      const next = ORDER.indexOf(token.name as Stage)
      if (next <= ORDER.indexOf(stage)) {
        if (token.name === 'body' && stage === 'start') stage = 'html'
        return settle(i)
      }
      stage = token.name as Stage
      at = i = token.end
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
  if (mark === '/') return readEndTag(text, at)
  NAME.lastIndex = at + 1
  const name = NAME.exec(text)?.[0].toLowerCase() ?? ''
  const after = at + 1 + name.length
  if (after === text.length) return undefined
  if (name !== 'html' && name !== 'head' && name !== 'meta') return { name, end: at, charset: false }
  const end = endOfTag(text, after)
  return end === -1 ? undefined : { name, end, charset: name === 'meta' && /\bcharset\s*=/i.test(text.slice(after, end)) }
}

// One without a name is a comment. One of what never began is passed over, but for these: they make what is not there yet.
function readEndTag (text: string, at: number): Token | undefined {
  NAME.lastIndex = at + 2
  const name = NAME.exec(text)?.[0].toLowerCase()
  if (name !== undefined && at + 2 + name.length === text.length) return undefined
  if (name !== undefined && ENDS.test(name)) return { name: '', end: at, charset: false }
  const end = name === undefined ? text.indexOf('>', at) + 1 : endOfTag(text, at + 2 + name.length)
  return end > 0 ? { name: name === undefined ? 'comment' : 'ended', end, charset: false } : undefined
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

function endOfTag (text: string, from: number): number {
  const { at, inside } = readInside(text, from, 'before')
  return inside === 'end' || inside === 'selfClosed' ? at : -1
}

function search (what: RegExp, text: string, from: number): number {
  what.lastIndex = from
  return what.exec(text)?.index ?? -1
}
