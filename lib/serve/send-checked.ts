// Lets @fastify/static send a file, and looks at what it really opened before the first byte leaves.
import { ReadStream } from 'node:fs'
import type { FastifyReply } from 'fastify'

type Send = FastifyReply['send']

const OF_THE_FILE = ['etag', 'last-modified', 'content-length', 'content-range', 'content-type', 'content-encoding', 'accept-ranges', 'cache-control']

/** `check` throws to refuse the open file; `fail` answers then, with nothing of the file in the headers. */
export function sendChecked (reply: FastifyReply, send: () => unknown, check: (fd: number, path: string) => Promise<void>, fail: (error: unknown) => void): void {
  const original: Send = reply.send
  const checked = (payload?: unknown): FastifyReply => {
    reply.send = original
    if (!(payload instanceof ReadStream)) return reply.send(payload)
    opened(payload).then(fd => check(fd, String(payload.path))).then(
      () => reply.send(payload),
      error => {
        payload.destroy()
        for (const header of OF_THE_FILE) reply.removeHeader(header)
        reply.code(200)
        fail(error)
      })
    return reply
  }
  reply.send = checked as Send
  send()
}

function opened (stream: ReadStream): Promise<number> {
  return new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
}
