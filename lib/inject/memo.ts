// The last strings that got a tag, and what became of them: most pages come again as they were, and V8 has to copy what is joined anew.
import { insertText, type Injection, type Inserted } from './body/insert.js'

interface Entry { readonly html: string, readonly seq: number, readonly injection: Injection, readonly result: Inserted<string> }

const MAX_ENTRIES = 32
const MAX_LENGTH = 65_536

export class InsertMemo {
  /** By length: a key that costs nothing. */
  readonly #entries = new Map<number, Entry>()

  /** The number of the newest change when this very page was last made. */
  madeSeq (html: string): number | undefined {
    const known = this.#entries.get(html.length)
    return known?.html === html ? known.seq : undefined
  }

  /** `seq`: the newest change. */
  insert (html: string, injection: Injection, seq: number): Inserted<string> {
    if (html.length > MAX_LENGTH) return insertText(html, injection)
    const known = this.#entries.get(html.length)
    if (known?.html === html && isSame(known.injection, injection)) return known.result
    const result = insertText(html, injection)
    if (this.#entries.size === MAX_ENTRIES) this.#entries.clear()
    this.#entries.set(html.length, { html, seq, injection, result })
    return result
  }
}

function isSame (a: Injection, b: Injection): boolean {
  return a.tag === b.tag && a.position === b.position && a.navigation === b.navigation
}
