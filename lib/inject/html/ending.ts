// Where a document ends: before its last real `</body>`, else `</html>`, else at its very end. Pure.
import type { Tag, Tokens } from './tokens.js'

export interface Ending {
  tell (tag: Tag): void
  /** Where the place may be, as far as is known; what lies before `from` is let go. */
  held (from: number): number
  /** A frameset takes no script: the place is before it, and known as soon as it is seen. */
  known (): number | undefined
  /** When all was read. `undefined`: it stops within something that would swallow a script. */
  place (tokens: Tokens): number | undefined
}

export function createEnding (): Ending {
  let body: number | undefined
  let html: number | undefined
  let frames: number | undefined
  return {
    tell ({ name, start, open }) {
      if (!open) return
      if (name === '/body') body = start
      else if (name === '/html') html = start
      else if (name === 'frameset') frames ??= start
    },
    held (from) {
      if (body !== undefined && body < from) body = undefined
      if (html !== undefined && html < from) html = undefined
      return Math.min(body ?? Infinity, html ?? Infinity)
    },
    known: () => frames,
    place: tokens => body ?? html ?? (tokens.isOpen() ? tokens.settled() : undefined)
  }
}
