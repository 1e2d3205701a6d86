// Structured-clone messages over a byte stream, each with its length in front.
// Not Node's own channel: there a single wrong byte of a build throws in the server, and any size is taken.
import { deserialize, serialize } from 'node:v8'

const HEAD = 4

/** @throws DataCloneError when the message is no plain data. */
export function encodeFrame (message: unknown): Buffer {
  const body = serialize(message)
  const head = Buffer.alloc(HEAD)
  head.writeUInt32LE(body.length)
  return Buffer.concat([head, body])
}

/** Takes chunks, gives messages; after `broken` nothing more is read. */
export function createFrameReader (limit: number, message: (value: unknown) => void, broken: () => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let size = 0
  let failed = false

  return chunk => {
    if (failed) return
    parts.push(chunk)
    size += chunk.length
    while (size >= HEAD && !failed) {
      const length = (parts[0] as Buffer).length >= HEAD ? (parts[0] as Buffer).readUInt32LE() : Buffer.concat(parts).readUInt32LE()
      if (length > limit) return fail()
      if (size < HEAD + length) return
      const all = Buffer.concat(parts)
      parts = [all.subarray(HEAD + length)]
      size -= HEAD + length
      read(all.subarray(HEAD, HEAD + length))
    }
  }

  function read (body: Buffer): void {
    let value: unknown
    try {
      value = deserialize(body)
    } catch {
      return fail()
    }
    message(value)
  }

  function fail (): void {
    failed = true
    parts = []
    broken()
  }
}
