// Inserts the tag of a stamp, and keeps what was made from Buffers that never change.
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

interface Kept {
  readonly stamp: Stamp
  readonly rules: Rules
  readonly result: Inserted<Buffer>
}

export function createInserter ({ tag, stable }: InserterParts): Inserter {
  const kept = new WeakMap<Buffer, Kept>()
  let newest: { readonly stamp: Stamp, readonly text: string, readonly bytes: Buffer } | undefined

  const tagOf = (stamp: Stamp) => {
    if (newest?.stamp === stamp) return newest
    const text = tag(stamp)
    newest = { stamp, text, bytes: Buffer.from(text) }
    return newest
  }

  const insertKept = (html: Buffer, stamp: Stamp, rules: Rules): Inserted<Buffer> => {
    const known = kept.get(html)
    if (known?.stamp === stamp && known.rules === rules) return known.result
    const result = insertBytes(html, tagOf(stamp).bytes, rules)
    kept.set(html, { stamp, rules, result })
    return result
  }

  return {
    insert (html, stamp, rules) {
      if (typeof html === 'string') return insertText(html, tagOf(stamp).text, rules)
      return stable(html) ? insertKept(html, stamp, rules) : insertBytes(html, tagOf(stamp).bytes, rules)
    },
    bytes: stamp => tagOf(stamp).bytes
  }
}
