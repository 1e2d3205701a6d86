// A document that is still being written -> the same with the tag in it. Holds back only what it can not judge yet.
import { finished, Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { findEnd, openUntil } from './ending.js'
import { decidePlace, PROLOGUE, splice } from './insert.js'
import type { Rules } from './insert.js'
import { scanPrologue } from './scan.js'
import type { Stage } from './scan.js'

export interface StreamRules extends Rules {
  readonly tag: Buffer
  /** Told once, before the first byte leaves: with the reason when nothing will be inserted. */
  decided (reason?: string): void
}

type Step = (bytes: Buffer, complete: boolean) => { readonly out: Buffer, readonly held?: Buffer }

/**
 * What `source` gives, with the tag in it. Errors go on to the reader. When the reader goes away the source is closed
 * without an error, as Fastify would close it: `pipeline` would raise one in the app's own stream.
 */
export function injectInto (source: Readable, rules: StreamRules): Readable {
  const out = injectStream(rules)
  let open = true
  finished(source, { writable: false }, error => {
    open = false
    if (error) out.destroy(error)
  })
  out.once('close', () => { if (open) source.destroy() })
  return source.pipe(out)
}

export function injectStream (rules: StreamRules): Transform {
  let step = createPrologue()
  let held: Buffer | undefined

  const advance = (bytes: Buffer, complete: boolean): Buffer | undefined => {
    const done = step(held === undefined ? bytes : Buffer.concat([held, bytes]), complete)
    held = done.held
    return done.out.length === 0 ? undefined : done.out
  }

  function createPrologue (): Step {
    let stage: Stage = 'start'
    return (bytes, complete) => {
      if (bytes.length === 0 && stage === 'start') {
        if (complete) rules.decided('it is empty')
        return { out: bytes }
      }
      const scan = scanPrologue(bytes.toString('latin1', 0, PROLOGUE), complete && bytes.length <= PROLOGUE, stage)
      if (scan.kind === 'more' && bytes.length < PROLOGUE) {
        if (scan.stage === 'start') return { out: EMPTY, held: bytes }
        if (stage === 'start') rules.decided()
        stage = scan.stage
        return { out: bytes.subarray(0, scan.at), held: bytes.subarray(scan.at) }
      }
      const place = decidePlace(scan, rules)
      if (stage === 'start') rules.decided(typeof place === 'string' ? place : undefined)
      step = typeof place === 'number' && rules.position === 'body' ? end : pass
      if (typeof place === 'string') return { out: bytes }
      return step === end ? end(bytes, complete) : { out: splice(bytes, place, rules.tag) }
    }
  }

  const end: Step = (bytes, complete) => {
    const text = bytes.toString('latin1')
    if (complete) return { out: splice(bytes, findEnd(text), rules.tag) }
    const at = openUntil(text, PROLOGUE)
    return { out: bytes.subarray(0, at), held: bytes.subarray(at) }
  }

  return new Transform({
    transform (chunk: Buffer, _, done) {
      done(null, advance(chunk, false))
    },
    flush (done) {
      done(null, advance(EMPTY, true))
    }
  })
}

const EMPTY = Buffer.alloc(0)
const pass: Step = bytes => ({ out: bytes })
