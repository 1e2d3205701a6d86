// Where a document ends: before its last real `</body>`, else `</html>`, else at its very end. Pure.
import { PROLOGUE } from './scan.js'
import { Tokenizer, type Tag } from './tokens.js'

/** The reason when the document stops within a comment, a script, a tag or the like, which would swallow the tag. */
export const NO_END = 'no script can follow its end'

export class EndFinder {
  readonly #tokens = new Tokenizer(tag => this.#see(tag))
  #read = 0
  /** What lies before was let go. */
  #released = 0
  #body = Infinity
  #html = Infinity
  #frames: number | undefined

  read (text: string): void {
    this.#tokens.read(text)
    this.#read += text.length
  }

  /** Where the tag goes, once that is known. A frameset takes no script, so its place is before it. */
  place (complete: boolean): number | undefined {
    if (this.#frames !== undefined || !complete) return this.#frames
    const last = this.#body < Infinity ? this.#body : this.#html
    if (last < Infinity) return last
    return this.#tokens.isOpen() ? this.#tokens.settled() : undefined
  }

  /** Up to where the document may leave: the place is not before it, or is no longer waited for. */
  release (): number {
    const oldest = this.#read - PROLOGUE
    if (this.#body < oldest) this.#body = Infinity
    if (this.#html < oldest) this.#html = Infinity
    const settled = this.#tokens.settled()
    this.#released = Math.min(settled < oldest ? this.#read : settled, this.#body, this.#html)
    return this.#released
  }

  #see ({ name, start, open }: Tag): void {
    if (!open || start < this.#released) return
    if (name === '/body') this.#body = start
    else if (name === '/html') this.#html = start
    else if (name === 'frameset') this.#frames ??= start
  }
}

/** Where the end of a whole text is. */
export function findEnd (text: string): number | undefined {
  const finder = new EndFinder()
  finder.read(text)
  return finder.place(true)
}
