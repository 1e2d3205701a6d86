// A small file, read at once: a stream opens, reads and closes it by three turns of the thread pool.
import { readFileSync, type Stats } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { STALE } from './replaced.js'

/** Hooks of the app get a stream, as of any other file. */
class ReadFile extends Readable {
  readonly content: Buffer

  constructor (content: Buffer) {
    super()
    this.content = content
  }

  override _read (): void {
    this.push(this.content)
    this.push(null)
  }
}

/** The file as it is now, which may have been replaced since the look at its status. */
export function readFile (reply: FastifyReply, path: string, { size }: Stats): Readable {
  const content = readFileSync(path)
  if (content.length !== size) {
    for (const name of STALE) reply.removeHeader(name)
    reply.header('content-length', content.length)
  }
  return new ReadFile(content)
}

/** The content of a payload that is such a file. */
export function contentOf (payload: unknown): Buffer | undefined {
  return payload instanceof ReadFile ? payload.content : undefined
}
