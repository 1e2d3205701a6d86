// Where the import map goes into a document: before all that could import, or into the map that the page has. Pure.
import { decidePlace } from '../body/insert.js'
import { attributesOf } from '../html/attributes.js'
import { PROLOGUE, scanPrologue } from '../html/scan.js'
import { Tokenizer, type Tag } from '../html/tokens.js'

export interface Place {
  /** Where a map is put. */
  readonly at: number
  /** The content of the map that the page has, and where it stands. */
  readonly own?: { readonly from: number, readonly to: number, readonly text: string }
}

/** What stands in a head. Anything else ends it. */
const HEAD = new Set('html head meta title /title base link style /style script /script noscript /noscript template /template'.split(' '))
/** Most heads are not much longer. */
const SLICE = 1024

export class PlaceFinder {
  readonly #everywhere: boolean
  readonly #tokens = new Tokenizer(tag => this.#see(tag))
  #text = ''
  /** The first thing that could import, or end the head. */
  #first: number | undefined
  /** Where the content of the page's own map begins and ends. */
  #from: number | undefined
  #to: number | undefined
  #done = false

  /** `everywhere`: the page's own map may be behind its head, too. */
  constructor (everywhere = false) {
    this.#everywhere = everywhere
  }

  /** `text` is what follows of a string, or of the latin1 view of bytes. */
  read (text: string): void {
    this.#text += text
    this.#tokens.read(text)
  }

  /** The place, why there is none, or `undefined` while more has to be read. `complete`: nothing follows. */
  place (complete: boolean): Place | string | undefined {
    const text = this.#text.slice(0, PROLOGUE)
    const ended = complete && this.#text.length <= PROLOGUE
    const scan = scanPrologue(text, ended)
    if (scan.kind === 'more' && !complete && text.length < PROLOGUE) return undefined
    const begin = decidePlace(scan, { navigation: false })
    if (typeof begin === 'string') return begin
    const at = this.#first ?? begin
    const [from, to] = [this.#from, this.#to]
    if (from !== undefined && to !== undefined) return { at, own: { from, to, text: this.#text.slice(from, to) } }
    if (!this.#done && !complete && (this.#everywhere || this.#text.length < PROLOGUE)) return undefined
    return { at }
  }

  #see ({ name, start, end, open }: Tag): void {
    if (this.#done) return
    if (this.#from !== undefined) {
      this.#to = start
      this.#done = true
    } else if (open) {
      const tag = this.#text.slice(start, end)
      if (name === 'script' && isMap(tag)) this.#from = end
      if (isFirst(name, tag)) this.#first ??= start
      this.#done = !HEAD.has(name) && !this.#everywhere
    }
  }
}

/** The place in a whole document. */
export function findPlace (text: string): Place | string {
  const finder = new PlaceFinder(text.includes('importmap'))
  for (let at = 0; at < text.length; at += SLICE) {
    finder.read(text.slice(at, at + SLICE))
    const place = finder.place(false)
    if (place !== undefined) return place
  }
  return finder.place(true) as Place | string
}

function isMap (tag: string): boolean {
  return valueOf(tag, 'type')?.trim().toLowerCase() === 'importmap' && valueOf(tag, 'src') === undefined
}

/** Scripts and what loads them ahead; a policy of the page, which would forbid an inline map behind it; what ends the head. */
function isFirst (name: string, tag: string): boolean {
  if (name === 'link') return /(?:^|\s)modulepreload(?:\s|$)/i.test(valueOf(tag, 'rel') ?? '')
  if (name === 'meta') return valueOf(tag, 'http-equiv')?.toLowerCase() === 'content-security-policy'
  return name === 'script' || !HEAD.has(name)
}

function valueOf (tag: string, name: string): string | undefined {
  return attributesOf(tag).find(attribute => attribute.name === name)?.value
}
