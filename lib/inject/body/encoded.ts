// Decodes a compressed document as it arrives. Leaves it untouched when it cannot be decoded or is not a document.
import { Readable } from 'node:stream'
import type { Transform } from 'node:stream'
import zlib from 'node:zlib'
import { join } from './stream.js'

export type Opened =
  | { readonly plain: Readable }
  /** The bytes as they came, from the first on. */
  | { readonly raw: Readable, readonly reason: string }

type Create = (first: Buffer) => Transform

// A page that breaks off is shown as far as it came, as browsers do.
const LENIENT = { finishFlush: zlib.constants.Z_SYNC_FLUSH }
// Newer versions of Node only.
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform }

const DECODERS: Readonly<Record<string, Create | undefined>> = {
  gzip: () => zlib.createGunzip(LENIENT),
  'x-gzip': () => zlib.createGunzip(LENIENT),
  br: () => zlib.createBrotliDecompress(),
  // Some servers leave the two bytes out that the standard wants first. Browsers take both.
  deflate: first => ((first[0] as number) & 0x0F) === 8 ? zlib.createInflate(LENIENT) : zlib.createInflateRaw(LENIENT),
  zstd: createZstdDecompress
}

/** Is there a way back? */
export function canDecode (encoding: string): boolean {
  return Object.hasOwn(DECODERS, encoding) && DECODERS[encoding] !== undefined
}

/** Settles as soon as the first bytes are read. `judge` looks at them, and gives a reason to leave all as it is. Rejects when the source fails before. */
export async function openEncoded (source: Readable, encoding: string, judge: (first: Buffer) => string | undefined): Promise<Opened> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>
  const kept: Buffer[] = []
  let next: Promise<IteratorResult<Buffer>> | undefined = chunks.next()
  let ended = false

  async function * rest (before: readonly Buffer[]) {
    try {
      yield * before
      if (next !== undefined) {
        const { done, value } = await next
        if (!done) yield value
      }
      yield * chunks
    } finally {
      await chunks.return?.()
    }
  }
  const stream = (before: readonly Buffer[]) => Readable.from(rest(before), { objectMode: false })

  const first = await next
  if (first.done) return { raw: stream([]), reason: 'it is empty' }
  const decoder = (DECODERS[encoding] as Create)(first.value)
  let reason: string | undefined
  const judged = new Promise<'judged'>(resolve => {
    decoder.once('error', () => {
      reason = `it is not what it says (${encoding})`
      resolve('judged')
    })
    decoder.once('readable', () => {
      const bytes = decoder.read() as Buffer | null
      reason = bytes === null ? 'it is empty' : judge(bytes)
      if (bytes !== null) decoder.unshift(bytes)
      resolve('judged')
    })
  })
  for (;;) {
    const arrived: IteratorResult<Buffer> | 'judged' = await Promise.race([judged, next as Promise<IteratorResult<Buffer>>])
    if (arrived === 'judged') break
    ended = arrived.done === true
    next = ended ? undefined : chunks.next()
    if (ended) {
      decoder.end()
      await judged
      break
    }
    kept.push(arrived.value)
    decoder.write(arrived.value)
  }
  if (reason === undefined) return { plain: ended ? decoder : join(stream([]), decoder) }
  decoder.destroy()
  return { raw: stream(kept), reason }
}
