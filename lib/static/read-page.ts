// A page, read in the thread of the server: a stream of Node opens, reads and closes it in turns of the thread pool, which cost several times as much.
import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { checkOpened } from '../shared/file-gate.js'
import { STALE } from './replaced.js'
import { pass, type StaticRoot } from './static-root.js'

/** What is read in one go, before other requests get their turn. */
const PIECE_BYTES = 256 * 1024

/** Hooks of the app get a stream, as of any other file. */
class PageFile extends Readable {
  readonly size: number
  /** All of it, if it is one piece. */
  readonly content: Buffer | undefined
  #fd: number | undefined
  #left: number

  /** @throws FST_LIVE_RELOAD_FORBIDDEN_FILE when a link leads out of the root by now. */
  constructor (root: StaticRoot, path: string) {
    super()
    const fd = this.#fd = openSync(path, 'r')
    const refusal = checkOpened(root, fd)
    if (refusal !== undefined) this.#close()
    pass(refusal)
    const { size } = fstatSync(fd)
    if (size <= PIECE_BYTES) {
      try {
        this.content = readFileSync(fd)
      } finally {
        this.#close()
      }
    }
    this.size = this.#left = this.content?.length ?? size
  }

  override _read (): void {
    const piece = this.content ?? this.#readPiece()
    this.push(piece)
    if (this.content !== undefined || piece.length === 0) this.push(null)
  }

  override _destroy (error: Error | null, done: (error: Error | null) => void): void {
    this.#close()
    done(error)
  }

  #readPiece (): Buffer {
    const piece = Buffer.allocUnsafe(Math.min(this.#left, PIECE_BYTES))
    const read = readSync(this.#fd as number, piece)
    this.#left -= read
    return piece.subarray(0, read)
  }

  #close (): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}

/** The file as it is now, which may have been replaced since the look at its status. @throws FST_LIVE_RELOAD_FORBIDDEN_FILE */
export function readPage (reply: FastifyReply, root: StaticRoot, path: string, { size }: Stats): Readable {
  const page = new PageFile(root, path)
  if (page.size !== size) {
    for (const name of STALE) reply.removeHeader(name)
    reply.header('content-length', page.size)
  }
  return page
}

/** The content of a payload that is such a page, and a small one. */
export function contentOf (payload: unknown): Buffer | undefined {
  return payload instanceof PageFile ? payload.content : undefined
}
