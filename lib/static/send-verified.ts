// Lets @fastify/static send a file, and looks at what it really opened before the first byte leaves.
import { fstatSync, ReadStream } from 'node:fs'
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

/** A file that is replaced each time it is opened is sent as it comes. */
const TRIES = 5

/** `start` begins the sending, as with `reply.sendFile`; again when another file was opened than the one the headers are of. */
export function sendChecked (reply: FastifyReply, start: () => unknown, watchman: Watchman, tries = TRIES): void {
  const send: FastifyReply['send'] = reply.send
  const checked = (payload?: unknown): FastifyReply => {
    reply.send = send
    const names = payload instanceof ReadStream ? namesBelow(watchman.root, String(payload.path)) : undefined
    if (names === undefined) return reply.send(payload)
    const again = tries > 1 ? () => sendChecked(reply, start, watchman, tries - 1) : undefined
    release(reply, payload as ReadStream, names, watchman, again).catch(watchman.fail)
    return reply
  }
  reply.send = checked as FastifyReply['send']
  start()
}

async function release (reply: FastifyReply, stream: ReadStream, names: readonly string[], watchman: Watchman, again: (() => void) | undefined): Promise<void> {
  try {
    const fd = await opened(stream)
    await watchman.check(names, fd)
    if (again === undefined || fits(reply, fstatSync(fd).size)) {
      reply.send(stream)
      return
    }
  } catch (error) {
    discard(reply, stream)
    throw error
  }
  discard(reply, stream)
  again()
}

function discard (reply: FastifyReply, stream: ReadStream): void {
  stream.destroy()
  for (const header of OF_THE_FILE) reply.removeHeader(header)
  reply.code(200)
}

/** Do the headers speak of a file of this size? */
function fits (reply: FastifyReply, size: number): boolean {
  const told = reply.getHeader('content-range') ?? reply.getHeader('content-length') ?? size
  return String(told).split('/').at(-1) === String(size)
}

function opened (stream: ReadStream): Promise<number> {
  return new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject))
}

function namesBelow (root: string, path: string): string[] | undefined {
  const below = relative(root, path)
  const names = below.split(sep)
  return isAbsolute(below) || names[0] === '..' ? undefined : names
}
