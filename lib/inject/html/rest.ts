// What follows the beginning of a document, as it comes: policies in the head, and the place at the end if that is where the tag goes. Pure.
import { createEnding } from './ending.js'
import { createMetas } from './metas.js'
import { PROLOGUE } from './scan.js'
import { createTokens } from './tokens.js'

/** What is to be put in place of what. Places are characters since the first that was read. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface Rest {
  read (text: string, complete: boolean): {
    readonly edits: readonly Edit[]
    /** Up to where nothing will be changed any more. */
    readonly settled: number
    /** Nothing at all will be. */
    readonly over: boolean
  }
}

interface RestParts {
  extend (policy: string): string
  /** The tag, if it goes to the end; `failed` when it can not. */
  tag? (): string
  failed? (reason: string): void
}

/** It stops within a comment, a script, a tag or the like, which would swallow a script. */
export const NO_END = 'its end takes no script'

const WANTED = new Set(['meta'])
const WANTED_LATE = new Set(['meta', '/body', '/html', 'frameset'])

export function createRest ({ extend, tag, failed }: RestParts): Rest {
  const metas = createMetas(extend)
  const ending = createEnding()
  const tokens = createTokens(tag === undefined ? WANTED : WANTED_LATE, found => {
    metas.tell(found)
    if (tag !== undefined) ending.tell(found)
  })
  let read = 0
  return {
    read (text, complete) {
      tokens.read(text)
      read += text.length
      const edits: Edit[] = metas.take()
      if (tag === undefined) return { edits, settled: tokens.settled(), over: complete || metas.isOver() }
      const place = ending.known() ?? (complete ? ending.place(tokens) : undefined)
      if (place !== undefined) edits.push({ start: place, end: place, text: tag() })
      else if (complete) failed?.(NO_END)
      return { edits, settled: Math.min(tokens.settled(), ending.held(read - PROLOGUE)), over: complete || place !== undefined }
    }
  }
}

/** Where the end of a whole text is. */
export function findEnd (text: string): number | undefined {
  const ending = createEnding()
  const tokens = createTokens(WANTED_LATE, ending.tell)
  tokens.read(text)
  return ending.known() ?? ending.place(tokens)
}
