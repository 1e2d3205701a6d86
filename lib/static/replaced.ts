// A file may be replaced between the look at its size and its opening. Its reply would be cut, or would never end: it is ended instead, and browsers ask again.
import { fstatSync, ReadStream, type Stats } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Takes the status of each file whose headers are written. */
export type Expect = (reply: FastifyReply, stat: Stats) => void

/** Adds a hook that compares each file of a root, when it is opened, with the one that its headers describe. */
export function endRepliesOfReplacedFiles (app: FastifyInstance): Expect {
  const expected = new WeakMap<FastifyReply, Stats>()
  app.addHook('onSend', (_request, reply, payload: unknown, done) => {
    const stat = expected.get(reply)
    if (stat !== undefined && payload instanceof ReadStream) {
      payload.once('open', fd => {
        // Only another size does not fit the `Content-Length`.
        if (fstatSync(fd).size !== stat.size) reply.raw.destroy()
      })
    }
    done(null, payload)
  })
  return (reply, stat) => { expected.set(reply, stat) }
}
