// Inserts the tag of a stamp, and keeps what it made: of Buffers that never change, and of the latest strings.
import type { Stamp } from '../../types/message.js'
import { insertBytes, insertText } from './insert.js'
import type { Inserted, Rules } from './insert.js'

export interface Inserter {
  insert (html: string | Buffer, stamp: Stamp, rules: Rules): Inserted<string | Buffer>
  /** The tag as bytes, for a stream. */
  bytes (stamp: Stamp): Buffer
}

interface InserterParts {
  tag (stamp: Stamp): string
  stable (payload: Buffer): boolean
}

interface Kept<T> {
  readonly html: T
  readonly rules: Rules
  readonly result: Inserted<T>
}

// Pages come again and again as they were. To join one anew costs more than to compare it: V8 has to copy what was joined.
const KEPT_STRINGS = 32
const KEPT_LENGTH = 65_536

export function createInserter ({ tag, stable }: InserterParts): Inserter {
  let newest: { readonly stamp: Stamp, readonly text: string, readonly bytes: Buffer } | undefined
  let buffers = new WeakMap<Buffer, Kept<Buffer>>()
  // By length: a key that costs nothing.
  const strings = new Map<number, Kept<string>>()

  const tagOf = (stamp: Stamp) => {
    if (newest?.stamp === stamp) return newest
    const text = tag(stamp)
    newest = { stamp, text, bytes: Buffer.from(text) }
    buffers = new WeakMap()
    strings.clear()
    return newest
  }

  const insertString = (html: string, text: string, rules: Rules): Inserted<string> => {
    if (html.length > KEPT_LENGTH) return insertText(html, text, rules)
    const known = strings.get(html.length)
    if (known?.rules === rules && known.html === html) return known.result
    const result = insertText(html, text, rules)
    if (strings.size === KEPT_STRINGS) strings.clear()
    strings.set(html.length, { html, rules, result })
    return result
  }

  const insertStable = (html: Buffer, bytes: Buffer, rules: Rules): Inserted<Buffer> => {
    const known = buffers.get(html)
    if (known?.rules === rules) return known.result
    const result = insertBytes(html, bytes, rules)
    buffers.set(html, { html, rules, result })
    return result
  }

  return {
    insert (html, stamp, rules) {
      const { text, bytes } = tagOf(stamp)
      if (typeof html === 'string') return insertString(html, text, rules)
      return stable(html) ? insertStable(html, bytes, rules) : insertBytes(html, bytes, rules)
    },
    bytes: stamp => tagOf(stamp).bytes
  }
}
