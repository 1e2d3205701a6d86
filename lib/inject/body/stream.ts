// A document that is still being written -> the same with the tag in it. Nothing is collected.
import { finished, Transform } from 'node:stream'
import type { Duplex, Readable } from 'node:stream'
import { Injector, type Outcome } from './injector.js'
import type { Injection } from './insert.js'

/** Bytes that are read before other requests get their turn. */
const SLICE_BYTES = 65_536

/**
 * What `source` gives, with the tag in it. Errors go on to the reader. When the reader goes away the source is closed
 * without an error, as Fastify would close it: `pipeline` would raise one in the app's own stream.
 */
export function injectInto (source: Readable, injection: Injection, outcome: Outcome): Readable {
  return join(source, injectStream(injection, outcome))
}

/** `source` piped through `out`, under the same rule. */
export function join<T extends Duplex> (source: Readable, out: T): T {
  let open = true
  finished(source, { writable: false }, error => {
    open = false
    if (error) out.destroy(error)
  })
  out.once('close', () => { if (open) source.destroy() })
  return source.pipe(out)
}

export function injectStream (injection: Injection, outcome: Outcome): Transform {
  const injector = new Injector(injection, outcome)
  const some = (bytes: Buffer) => bytes.length === 0 ? undefined : bytes
  let read = Infinity
  return new Transform({
    transform (chunk: Buffer, _, done) {
      const out = some(injector.push(chunk, false))
      read += chunk.length
      if (read < SLICE_BYTES || out === undefined) return done(null, out)
      // The source may have everything ready. What is done leaves before more is read, so that neither the first bytes nor other requests wait.
      read = 0
      this.push(out)
      setImmediate(done)
    },
    flush (done) {
      done(null, some(injector.push(Buffer.alloc(0), true)))
    }
  })
}
