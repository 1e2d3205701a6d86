// A document that is still being written -> the same with the tag in it. Nothing is gathered.
import { finished, Transform } from 'node:stream'
import type { Duplex, Readable } from 'node:stream'
import { createInjector } from './injector.js'
import type { InjectorRules } from './injector.js'

/** Bytes that are read at one go. */
const SLICE = 65_536

/**
 * What `source` gives, with the tag in it. Errors go on to the reader. When the reader goes away the source is closed
 * without an error, as Fastify would close it: `pipeline` would raise one in the app's own stream.
 */
export function injectInto (source: Readable, rules: InjectorRules): Readable {
  return join(source, injectStream(rules))
}

/** `source` through `out`, under the same rule. */
export function join<T extends Duplex> (source: Readable, out: T): T {
  let open = true
  finished(source, { writable: false }, error => {
    open = false
    if (error) out.destroy(error)
  })
  out.once('close', () => { if (open) source.destroy() })
  return source.pipe(out)
}

export function injectStream (rules: InjectorRules): Transform {
  const inject = createInjector(rules)
  const some = (bytes: Buffer) => bytes.length === 0 ? undefined : bytes
  let read = Infinity
  return new Transform({
    transform (chunk: Buffer, _, done) {
      const out = some(inject(chunk, false))
      read += chunk.length
      if (read < SLICE || out === undefined) return done(null, out)
      // What is ready leaves before more is read, which may all be there already: the first bytes do not wait for it, and nor do other requests.
      read = 0
      this.push(out)
      setImmediate(done)
    },
    flush (done) {
      done(null, some(inject(Buffer.alloc(0), true)))
    }
  })
}
