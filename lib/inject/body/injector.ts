// A document in pieces -> the same pieces with the tag in them. Holds back only what it can not judge yet.
import { charsetOf } from './charset.js'
import type { Charset } from './charset.js'
import type { Policy } from '../csp/csp.js'
import { decidePlace, FOREIGN, hasPolicy } from './insert.js'
import type { Rules } from './insert.js'
import { createRest } from '../html/rest.js'
import { PROLOGUE, scanPrologue } from '../html/scan.js'
import type { Stage } from '../html/scan.js'
import { scanXml } from '../html/scan-xml.js'

export interface InjectorRules extends Rules {
  /** What a Content-Type says; what the document begins with wins. */
  readonly charset: Charset
  readonly xml: boolean
  /** The whole script element. */
  tag (nonce: string | undefined): string
  readonly policy: Policy
  /** Told once, before the first byte leaves: with the reason when nothing will be inserted. */
  decided (reason?: string): void
  /** Nothing was inserted after all. */
  late (reason: string): void
}

/** Takes what follows and what was held, gives what may leave now. `complete`: nothing more comes. */
export type Injector = (bytes: Buffer, complete: boolean) => Buffer

interface Done { readonly out: Buffer, readonly held?: Buffer }
type Step = (bytes: Buffer, complete: boolean) => Done

const EMPTY = Buffer.alloc(0)
const pass: Step = bytes => ({ out: bytes })

export function createInjector (rules: InjectorRules): Injector {
  let { charset } = rules
  let step: Step = begin
  let held: Buffer = EMPTY
  let stage: Stage = 'start'
  let told = false

  const tell = (reason?: string) => {
    if (!told) rules.decided(reason)
    told = true
  }
  const giveUp = (bytes: Buffer, reason: string): Done => {
    tell(reason)
    step = pass
    return { out: bytes }
  }
  const cut = (bytes: Buffer, characters: number) => ({ out: bytes.subarray(0, characters * charset.unit), held: bytes.subarray(characters * charset.unit) })
  const writeTag = () => {
    rules.policy.seal()
    return rules.tag(rules.policy.nonce)
  }

  function begin (bytes: Buffer, complete: boolean): Done {
    if (bytes.length < 2 && !complete) return { out: EMPTY, held: bytes }
    if (bytes.length === 0 && (rules.xml || !rules.navigation)) return giveUp(bytes, 'it is empty')
    const found = charsetOf(bytes, rules.charset)
    if (found === undefined) return giveUp(bytes, FOREIGN)
    charset = found
    step = prologue
    return step(bytes, complete)
  }

  function prologue (bytes: Buffer, complete: boolean): Done {
    const text = charset.view(bytes.subarray(0, PROLOGUE * charset.unit))
    const whole = complete && bytes.length <= PROLOGUE * charset.unit
    const scan = rules.xml ? scanXml(text, whole) : scanPrologue(text, whole, stage)
    if (scan.kind === 'more' && text.length < PROLOGUE) {
      if (rules.xml || scan.stage === 'start') return { out: EMPTY, held: bytes }
      tell()
      stage = scan.stage
      return cut(bytes, scan.at)
    }
    const place = rules.xml && scan.kind === 'fragment' ? 'its root is neither html nor svg' : decidePlace(scan, rules)
    if (typeof place === 'string') return giveUp(bytes, place)
    tell()
    const { out: before, held: after } = cut(bytes, place)
    const late = rules.position === 'body' && !rules.xml
    if (!late && hasPolicy(text, () => charset.view(bytes))) foresee(charset.view(bytes).slice(place))
    if (rules.xml) {
      step = pass
      return { out: Buffer.concat([before, charset.encode(writeTag()), after]) }
    }
    const tag = late ? EMPTY : charset.encode(writeTag())
    step = follow(late)
    const { out, held } = step(after, complete)
    return { out: Buffer.concat([before, tag, out]), ...held && { held } }
  }

  /** What policies at hand will demand of the tag. */
  function foresee (html: string): void {
    createRest({
      extend (policy) {
        rules.policy.foresee(policy)
        return policy
      }
    }).read(html, false)
  }

  /** Changes what follows the place in the head. */
  function follow (late: boolean): Step {
    const rest = createRest({ extend: rules.policy.extend, ...late && { tag: writeTag, failed: rules.late } })
    let gone = 0
    let seen = 0
    return (bytes, complete) => {
      const text = charset.view(bytes)
      const { edits, settled, over } = rest.read(text.slice(seen - gone), complete)
      seen = gone + text.length
      const parts: Buffer[] = []
      const from = gone
      for (const { start, end, text } of edits) {
        parts.push(bytes.subarray((gone - from) * charset.unit, (start - from) * charset.unit), charset.encode(text))
        gone = end
      }
      if (over) step = pass
      const until = over ? bytes.length : (settled - from) * charset.unit
      parts.push(bytes.subarray((gone - from) * charset.unit, until))
      gone = settled
      return { out: Buffer.concat(parts), held: bytes.subarray(until) }
    }
  }

  return (bytes, complete) => {
    const done = step(held.length === 0 ? bytes : Buffer.concat([held, bytes]), complete)
    held = done.held ?? EMPTY
    return done.out
  }
}
