// A document that is still being written -> the same with the tag in it. Nothing is gathered.
import { finished, Transform } from 'node:stream'
import type { Duplex, Readable } from 'node:stream'
import { createInjector } from './injector.js'
import type { InjectorRules } from './injector.js'

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
  return new Transform({
    transform (chunk: Buffer, _, done) {
      done(null, some(inject(chunk, false)))
    },
    flush (done) {
      done(null, some(inject(Buffer.alloc(0), true)))
    }
  })
}
