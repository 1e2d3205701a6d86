// The tags of an HTML document, in whatever pieces it comes. What stands in comments, scripts, texts and attributes is no tag. Pure.
import { readInside, type Inside } from './attributes.js'
import { createContext } from './context.js'

export interface Tag {
  /** In lower case, with a slash before it when it ends an element. */
  readonly name: string
  /** Where it begins and ends in the document. */
  readonly start: number
  readonly end: number
  /** A script here is part of the page: not in a template, not in SVG or MathML. */
  readonly open: boolean
}

type State = 'text' | 'name' | 'tag' | 'comment' | 'bogus' | 'cdata' | 'raw'

const START = /<(?:(\/?)([a-z])|!--|!\[CDATA\[|[!?]|\/[^a-z>])/iy
// What may still become one of these.
const UNFINISHED = /^<(?:\/|!(?:-|\[(?:C(?:D(?:A(?:TA?)?)?)?)?)?)?$/
const NAME = /[^\t\n\f\r />]*/y
/** No element that matters here has a longer name. */
const MAX_NAME_LENGTH = 32
const COMMENT_ENDS = /--(!?)>/g
const SCRIPT_MARKS = /<!--|-->|<(\/?)script(?=[\t\n\f\r />])/gi
const MAX_START_LENGTH = 9

/** Keeps nothing of what it has passed, so that the time it takes is linear however the document is cut. */
export class Tokenizer {
  readonly #onTag: (tag: Tag) => void
  readonly #context = createContext()
  #state: State = 'text'
  /** What was read and is still needed, where in the document it begins, and how far in it reading has come. */
  #rest = ''
  #base = 0
  #at = 0
  #name = ''
  #start = 0
  #inside: Inside = 'before'
  /** The element whose raw text this is, and how deep a script is in `<!-- <script>`. */
  #raw = ''
  #hidden = 0

  constructor (onTag: (tag: Tag) => void) {
    this.#onTag = onTag
  }

  /** Reads on. Reports every tag once it is complete. */
  read (text: string): void {
    this.#rest += text
    while (this.#step()) { /* one token after the other */ }
    this.#rest = this.#rest.slice(this.#at)
    this.#base += this.#at
    this.#at = 0
  }

  /** The end of what was read, or the beginning of the tag that is not complete yet. */
  settled (): number {
    return this.#state === 'tag' || this.#state === 'name' ? this.#start : this.#state === 'text' ? this.#base : this.#base + this.#rest.length
  }

  /** A script at `settled()` would be one. */
  isOpen (): boolean {
    return (this.#state === 'text' || this.#state === 'name') && this.#context.isOpen()
  }

  /** Reads on from `#at`; false when more text is needed. */
  #step (): boolean {
    switch (this.#state) {
      case 'text': return this.#readText()
      case 'name': return this.#readName()
      case 'tag': return this.#readTag()
      case 'comment': return this.#readComment()
      case 'bogus': return this.#skipTo('>')
      case 'cdata': return this.#skipTo(']]>')
      case 'raw': return this.#readRaw()
    }
  }

  #readText (): boolean {
    const next = this.#rest.indexOf('<', this.#at)
    this.#at = next === -1 ? this.#rest.length : next
    if (next === -1 || (this.#rest.length - next < MAX_START_LENGTH && UNFINISHED.test(this.#rest.slice(next)))) return false
    START.lastIndex = next
    const found = START.exec(this.#rest)
    if (found === null) this.#at++
    else this.#begin(found)
    return true
  }

  #begin ([whole, slash, word]: RegExpExecArray): void {
    this.#start = this.#base + this.#at
    if (word === undefined) {
      this.#state = whole === '<!--' ? 'comment' : whole === '<![CDATA[' && this.#context.isForeign() ? 'cdata' : 'bogus'
      // What ends it may overlap with what begins it.
      this.#at += 2
    } else {
      this.#name = (slash as string) + word.toLowerCase()
      this.#at += whole.length
      this.#state = 'name'
    }
  }

  // A name may come in pieces, too.
  #readName (): boolean {
    NAME.lastIndex = this.#at
    const [more] = NAME.exec(this.#rest) as RegExpExecArray
    if (this.#name.length < MAX_NAME_LENGTH) this.#name += more.slice(0, MAX_NAME_LENGTH).toLowerCase()
    this.#at += more.length
    if (this.#at === this.#rest.length) return false
    this.#inside = 'before'
    this.#state = 'tag'
    return true
  }

  #readTag (): boolean {
    const { at, inside } = readInside(this.#rest, this.#at, this.#inside)
    this.#at = at
    this.#inside = inside
    if (inside !== 'end' && inside !== 'selfClosed') return false
    const name = this.#name
    this.#state = 'text'
    this.#onTag({ name, start: this.#start, end: this.#base + at, open: this.#context.isOpen() })
    if (name.startsWith('/')) {
      this.#context.leave(name.slice(1))
      return true
    }
    this.#raw = this.#context.enter(name, inside === 'selfClosed') ?? ''
    this.#hidden = 0
    if (this.#raw !== '') this.#state = 'raw'
    return true
  }

  #readComment (): boolean {
    COMMENT_ENDS.lastIndex = this.#at
    for (let end = COMMENT_ENDS.exec(this.#rest); end !== null; end = COMMENT_ENDS.exec(this.#rest)) {
      // `<!-->` and `<!--->` are whole comments, `<!--!>` is none: so says the HTML standard.
      if (end[1] === '' || this.#base + end.index >= this.#start + 4) return this.#goOn(COMMENT_ENDS.lastIndex)
      COMMENT_ENDS.lastIndex = end.index + 1
    }
    return this.#wait(3)
  }

  #skipTo (mark: string): boolean {
    const end = this.#rest.indexOf(mark, this.#at)
    return end === -1 ? this.#wait(mark.length - 1) : this.#goOn(end + mark.length)
  }

  #readRaw (): boolean {
    const end = this.#raw === 'script' ? this.#endOfScript() : this.#raw === 'plaintext' ? -1 : this.#endOfRaw()
    return end === -1 ? this.#wait(this.#raw.length + 2) : this.#goOn(end)
  }

  #endOfRaw (): number {
    const end = new RegExp(`</${this.#raw}(?=[\\t\\n\\f\\r />])`, 'gi')
    end.lastIndex = this.#at
    return end.exec(this.#rest)?.index ?? -1
  }

  #endOfScript (): number {
    SCRIPT_MARKS.lastIndex = this.#at
    for (let mark = SCRIPT_MARKS.exec(this.#rest); mark !== null; mark = SCRIPT_MARKS.exec(this.#rest)) {
      const [text, slash] = mark
      if (text === '<!--') {
        this.#hidden ||= 1
        // Its dashes may be those of a `-->`.
        SCRIPT_MARKS.lastIndex = mark.index + 2
      } else if (text === '-->') this.#hidden = 0
      else if (slash === '') this.#hidden = this.#hidden === 0 ? 0 : 2
      else if (this.#hidden === 2) this.#hidden = 1
      else return mark.index
      this.#at = SCRIPT_MARKS.lastIndex
    }
    return -1
  }

  #goOn (from: number): true {
    this.#at = from
    this.#state = 'text'
    return true
  }

  /** The last `length` characters may be the beginning of what is looked for. */
  #wait (length: number): false {
    this.#at = Math.max(this.#at, this.#rest.length - length)
    return false
  }
}
