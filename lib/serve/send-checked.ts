// Lets @fastify/static send a file, and looks at what it really opened before the first byte leaves.
import { ReadStream } from 'node:fs'
import { isAbsolute, relative, sep } from 'node:path'
import type { FastifyReply } from 'fastify'

export interface Watchman {
  /** Streams of files elsewhere are not ours to judge: an app's own page for 404, say. */
  readonly root: string
  /** Throws to refuse the open file. `names` are those below the root. */
  check (names: readonly string[], fd: number): Promise<void>
  /** Answers instead; nothing of the file is left in the headers. */
  fail (error: unknown): void
}

const OF_THE_FILE = ['etag', 'last-modified', 'content-length', 'content-range', 'content-type', 'content-encoding', 'accept-ranges', 'cache-control']

/** `start` begins the sending, as with `reply.sendFile`. */
export function sendChecked (reply: FastifyReply, start: () => unknown, watchman: Watchman): void {
  const send: FastifyReply['send'] = reply.send
  const checked = (payload?: unknown): FastifyReply => {
    reply.send = send
    const names = payload instanceof ReadStream ? namesBelow(watchman.root, String(payload.path)) : undefined
    if (names === undefined) return reply.send(payload)
    release(reply, payload as ReadStream, names, watchman).catch(watchman.fail)
    return reply
  }
  reply.send = checked as FastifyReply['send']
  start()
}

async function release (reply: FastifyReply, stream: ReadStream, names: readonly string[], watchman: Watchman): Promise<void> {
  try {
    await watchman.check(names, await opened(stream))
  } catch (error) {
    stream.destroy()
    for (const header of OF_THE_FILE) reply.removeHeader(header)
    reply.code(200)
    throw error
  }
  reply.send(stream)
}

function opened (stream: ReadStream): Promise<number> {
  return new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
}

function namesBelow (root: string, path: string): string[] | undefined {
  const below = relative(root, path)
  const names = below.split(sep)
  return isAbsolute(below) || names[0] === '..' ? undefined : names
}
