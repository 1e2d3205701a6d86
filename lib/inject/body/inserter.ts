// Inserts the tag of a stamp, and keeps what it made: of the latest strings.
import type { Stamp } from '../../../types/message.js'
import type { Policy } from '../csp/csp.js'
import type { Found } from '../decide.js'
import { createInjector } from './injector.js'
import type { InjectorRules } from './injector.js'
import { insertBytes, insertText } from './insert.js'
import type { Inserted, Rules, Special } from './insert.js'
import type { CreateTag } from '../tag.js'

/** A page, and what has to be in it. */
export interface Target {
  readonly found: Pick<Found, 'navigation' | 'xml' | 'charset'>
  readonly stamp: Stamp
  /** `undefined`: nowhere. */
  readonly position: Rules['position'] | undefined
  /** It answers a form. */
  readonly posted: boolean
  readonly policy: Policy
}

export interface Inserter {
  insert (html: string | Buffer, target: Target): Inserted<string | Buffer>
  /** For what comes in pieces. `told`: with a reason when nothing is inserted, without when something will be. */
  rules (target: Target, told: (reason?: string) => void): InjectorRules
}

interface InserterParts {
  readonly tag: CreateTag
}

interface Kept<T> extends Rules {
  readonly html: T
  readonly result: Inserted<T> | Special
}

// Pages come again and again as they were. To join one anew costs more than to compare it: V8 has to copy what was joined.
const KEPT_STRINGS = 32
const KEPT_LENGTH = 65_536

export function createInserter ({ tag }: InserterParts): Inserter {
  let newest: { readonly stamp: Stamp, readonly text: string, readonly bytes: Buffer } | undefined
  // By length: a key that costs nothing.
  const strings = new Map<number, Kept<string>>()

  const tagOf = (stamp: Stamp) => {
    if (newest?.stamp === stamp) return newest
    const text = tag(stamp)
    newest = { stamp, text, bytes: Buffer.from(text) }
    strings.clear()
    return newest
  }
  const isFor = (known: Kept<unknown> | undefined, { position, navigation }: Rules) => known?.position === position && known.navigation === navigation

  const insertString = (html: string, text: string, rules: Rules): Inserted<string> | Special => {
    if (html.length > KEPT_LENGTH) return insertText(html, text, rules)
    const known = strings.get(html.length)
    if (known !== undefined && isFor(known, rules) && known.html === html) return known.result
    const result = insertText(html, text, rules)
    if (strings.size === KEPT_STRINGS) strings.clear()
    strings.set(html.length, { html, ...rules, result })
    return result
  }

  function insertPlain (html: string | Buffer, stamp: Stamp, rules: Rules): Inserted<string | Buffer> | Special {
    const { text, bytes } = tagOf(stamp)
    if (typeof html === 'string') return insertString(html, text, rules)
    return insertBytes(html, bytes, rules)
  }

  function rules ({ found: { navigation, xml, charset }, position = 'head', posted, stamp, policy }: Target, told: (reason?: string) => void): InjectorRules {
    return { navigation, xml, charset, position, policy, tag: nonce => tag(stamp, { posted, xml, nonce }), decided: told, late: told }
  }

  function insertSpecial (html: Buffer, target: Target): Inserted<Buffer> {
    let refusal: string | undefined
    const out = createInjector(rules(target, reason => { refusal = reason }))(html, true)
    return refusal === undefined ? { html: out } : { reason: refusal }
  }

  return {
    insert (html, target) {
      const { found: { navigation, xml, charset }, position = 'head', posted, policy, stamp } = target
      if (!posted && !xml && charset.unit === 1 && policy.nonce === undefined) {
        const inserted = insertPlain(html, stamp, { position, navigation })
        if (!('special' in inserted)) return inserted
      }
      return insertSpecial(Buffer.from(html as Buffer), target)
    },
    rules
  }
}
