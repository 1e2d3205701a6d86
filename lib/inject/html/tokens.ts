// The tags of an HTML document, in whatever pieces it comes. What stands in comments, scripts, texts and attributes is none. Pure.
import { readInside } from './attributes.js'
import type { Inside } from './attributes.js'
import { createContext } from './context.js'

export interface Tag {
  /** In lower case, with a slash before it when it ends an element. */
  readonly name: string
  /** Where it begins and ends in the document. */
  readonly start: number
  readonly end: number
  /** All of it, for names that are asked for. */
  readonly text: string
  /** A script here is part of the page: not in a template, not in SVG or MathML. */
  readonly open: boolean
}

export interface Tokens {
  /** Reads on; every tag is told once it is whole. */
  read (text: string): void
  /** Up to where what was read can not be part of a tag that is asked for and still to be told. */
  settled (): number
  /** A script at `settled()` would be one. */
  isOpen (): boolean
}

type State = 'text' | 'tag' | 'comment' | 'bogus' | 'cdata' | 'raw'

const START = /<(?:(\/?)([a-z][^\t\n\f\r />]*)|!--|!\[CDATA\[|[!?]|\/[^a-z>])/iy
// What may still become one of these.
const UNFINISHED = /^<(?:\/|!(?:-|\[(?:C(?:D(?:A(?:TA?)?)?)?)?)?)?$/
const COMMENT_ENDS = /--(!?)>/g
const SCRIPT_MARKS = /<!--|-->|<(\/?)script(?=[\t\n\f\r />])/gi
const LONGEST = 9

/** `wanted` are the names whose text is asked for. */
export function createTokens (wanted: ReadonlySet<string>, tell: (tag: Tag) => void): Tokens {
  const context = createContext()
  let state: State = 'text'
  // What was read and is still needed, and where in the document it begins.
  let rest = ''
  let base = 0
  let at = 0
  let name = ''
  let start = 0
  let inside: Inside = 'before'
  // The element whose raw text this is, and how deep a script is in `<!-- <script>`.
  let raw = ''
  let hidden = 0

  /** Each reads on from `at`; `false`: more text is needed. */
  const steps: Record<State, () => boolean> = {
    text () {
      const next = rest.indexOf('<', at)
      at = next === -1 ? rest.length : next
      if (next === -1 || (rest.length - at < LONGEST && UNFINISHED.test(rest.slice(at)))) return false
      START.lastIndex = at
      const found = START.exec(rest)
      if (found?.[2] !== undefined && START.lastIndex === rest.length) return false
      if (found === null) at++
      else begin(found)
      return true
    },
    tag () {
      const read = readInside(rest, at, inside)
      at = read.at
      inside = read.inside
      if (inside !== 'end' && inside !== 'selfClosed') return false
      finish(inside === 'selfClosed')
      return true
    },
    comment () {
      COMMENT_ENDS.lastIndex = at
      for (let end = COMMENT_ENDS.exec(rest); end !== null; end = COMMENT_ENDS.exec(rest)) {
        // `<!-->` and `<!--->` are whole comments, `<!--!>` is none: so says the HTML standard.
        if (end[1] === '' || base + end.index >= start + 4) return goOn(COMMENT_ENDS.lastIndex)
        COMMENT_ENDS.lastIndex = end.index + 1
      }
      return wait(3)
    },
    bogus: () => until('>'),
    cdata: () => until(']]>'),
    raw () {
      const end = raw === 'script' ? endOfScript() : endOfRaw()
      return end === -1 ? wait(raw.length + 2) : goOn(end)
    }
  }

  function until (mark: string): boolean {
    const end = rest.indexOf(mark, at)
    return end === -1 ? wait(mark.length - 1) : goOn(end + mark.length)
  }

  function goOn (from: number): boolean {
    at = from
    state = 'text'
    return true
  }

  /** The last `length` characters may be the beginning of what is looked for. */
  function wait (length: number): boolean {
    at = Math.max(at, rest.length - length)
    return false
  }

  function begin (found: RegExpExecArray): void {
    const [whole, slash, word] = found
    start = base + at
    if (word === undefined) {
      state = whole === '<!--' ? 'comment' : whole === '<![CDATA[' && context.isForeign() ? 'cdata' : 'bogus'
      // What ends it may overlap with what begins it.
      at += 2
    } else {
      name = (slash as string) + word.toLowerCase()
      at += whole.length
      inside = 'before'
      state = 'tag'
    }
  }

  function finish (selfClosed: boolean): void {
    state = 'text'
    const open = context.isOpen()
    tell({ name, start, end: base + at, text: wanted.has(name) ? rest.slice(start - base, at) : '', open })
    if (name.startsWith('/')) return context.leave(name.slice(1))
    raw = context.enter(name, selfClosed) ?? ''
    hidden = 0
    if (raw !== '') state = 'raw'
  }

  function endOfRaw (): number {
    if (raw === 'plaintext') return -1
    const end = new RegExp(`</${raw}(?=[\\t\\n\\f\\r />])`, 'gi')
    end.lastIndex = at
    return end.exec(rest)?.index ?? -1
  }

  function endOfScript (): number {
    SCRIPT_MARKS.lastIndex = at
    for (let mark = SCRIPT_MARKS.exec(rest); mark !== null; mark = SCRIPT_MARKS.exec(rest)) {
      const [text, slash] = mark
      if (text === '<!--') {
        hidden ||= 1
        // Its dashes may be those of a `-->`.
        SCRIPT_MARKS.lastIndex = mark.index + 2
      } else if (text === '-->') hidden = 0
      else if (slash === '') hidden = hidden === 0 ? 0 : 2
      else if (hidden === 2) hidden = 1
      else return mark.index
      at = SCRIPT_MARKS.lastIndex
    }
    return -1
  }

  return {
    read (text) {
      rest += text
      while (steps[state]()) { /* one token after the other */ }
      const cut = state === 'tag' && wanted.has(name) ? start - base : at
      rest = rest.slice(cut)
      base += cut
      at -= cut
    },
    settled: () => state === 'text' || (state === 'tag' && wanted.has(name)) ? base : base + rest.length,
    isOpen: () => state === 'text' && context.isOpen()
  }
}
