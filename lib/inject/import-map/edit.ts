// A document -> the same with the import map in it: whole, or as it comes. Bytes are never decoded, but for a map of the page.
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { FOREIGN, isForeign } from '../body/insert.js'
import { mergeMap, writeMap, type ImportMap } from './merge.js'
import { findPlace, PlaceFinder, type Place } from './place.js'

/** What is put into a document in place of what is there from `from` to `to`, in ASCII. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
  /** Of the whole content of the script, as a policy names it. */
  readonly hash: string
}

export class MapEditor {
  readonly #map: ImportMap
  readonly #content: string
  /** Of the map alone. */
  readonly hash: string

  constructor (map: ImportMap) {
    this.#map = map
    this.#content = writeMap(map)
    this.hash = hashOf(this.#content)
  }

  /** Gives the reason when the document gets no map. */
  ofText (html: string): Edit | string {
    return this.#edit(findPlace(html), text => text)
  }

  ofBytes (html: Buffer): Edit | string {
    return isForeign(html) ? FOREIGN : this.#edit(findPlace(html.toString('latin1')), decode)
  }

  /** Reads as far as it must. `rest` are the chunks behind `first`. */
  async ofStream (source: Readable): Promise<{ readonly edit: Edit | string, readonly first: Buffer, readonly rest: AsyncIterator<Buffer> }> {
    const rest = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    const finder = new PlaceFinder()
    const read: Buffer[] = []
    let place: Place | string | undefined
    while (place === undefined) {
      const { done = false, value } = await rest.next() as IteratorResult<Buffer, undefined>
      if (value !== undefined) {
        const bytes = Buffer.from(value)
        read.push(bytes)
        finder.read(bytes.toString('latin1'))
      }
      place = finder.place(done)
    }
    const first = Buffer.concat(read)
    return { edit: isForeign(first) ? FOREIGN : this.#edit(place, decode), first, rest }
  }

  #edit (place: Place | string, decode: (own: string) => string): Edit | string {
    if (typeof place === 'string') return place
    const { at, own } = place
    const merged = own === undefined ? undefined : mergeMap(decode(own.text), this.#map)
    if (own === undefined || merged === undefined) return { from: at, to: at, text: `<script type="importmap">${this.#content}</script>`, hash: this.hash }
    const text = writeMap(merged)
    return { from: own.from, to: own.to, text, hash: hashOf(text) }
  }
}

export function applyToText (html: string, { from, to, text }: Edit): string {
  return html.slice(0, from) + text + html.slice(to)
}

export function applyToBytes (html: Buffer, { from, to, text }: Edit): Buffer {
  return Buffer.concat([html.subarray(0, from), Buffer.from(text), html.subarray(to)])
}

/** `first` and what follows it. Closing it closes the source. */
export function streamFrom (first: Buffer, rest: AsyncIterator<Buffer>, source: Readable): Readable {
  const out = Readable.from((async function * () {
    yield first
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  })(), { objectMode: false })
  return out.once('close', () => source.destroy())
}

function decode (latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString()
}

function hashOf (content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`
}
