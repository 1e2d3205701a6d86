// Between the look at a file and its opening it may be replaced. Its reply would be cut, or would never end, so it takes the size of the file that was opened.
// A link may lead out of the root by then, so what was opened is judged, too.
import { fstatSync, ReadStream, type Stats } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { checkOpened } from '../shared/file-gate.js'
import type { StaticRoot } from './static-root.js'

/** Takes the status of each file whose headers are written, and the roots that it lies in: one of them has let it pass. */
export type Expect = (reply: FastifyReply, roots: readonly StaticRoot[], stat: Stats) => void

/** They describe the file that was there before. */
export const STALE = ['etag', 'last-modified']

/** Adds a hook that compares each file of a root, when it is opened, with the one that its headers describe. */
export function followReplacedFiles (app: FastifyInstance): Expect {
  const expected = new WeakMap<FastifyReply, { readonly roots: readonly StaticRoot[], readonly stat: Stats }>()
  app.addHook('onSend', (_request, reply, payload: unknown, done) => {
    const file = expected.get(reply)
    if (file !== undefined && payload instanceof ReadStream) {
      payload.once('open', fd => {
        const { size } = fstatSync(fd)
        if (file.roots.every(root => checkOpened(root, fd) !== undefined)) reply.raw.destroy()
        else if (size !== file.stat.size) describe(reply, payload, size)
      })
    }
    done(null, payload)
  })
  return (reply, roots, stat) => { expected.set(reply, { roots, stat }) }
}

/** Nothing was sent yet: the first bytes are read after the file was opened. Fastify may have passed the headers on. */
function describe (reply: FastifyReply, file: ReadStream, size: number): void {
  // A part of the file before has no place in this one.
  if (reply.statusCode === 206) {
    reply.raw.destroy()
    return
  }
  Object.assign(file, { end: Math.max(0, size - 1) })
  for (const headers of [reply, reply.raw]) {
    for (const name of STALE) headers.removeHeader(name)
  }
  if (reply.hasHeader('content-length')) reply.header('content-length', size)
  if (reply.raw.hasHeader('content-length')) reply.raw.setHeader('content-length', size)
}
