// Encodes messages to pages, and decodes those from pages, which may be anything. Pure.
import type { Frame, Frames } from './channel.js'
import type { PageMessage, ServerMessage } from '../../types/message.js'
import { isTransport } from '../options/transports.js'

/** Of one message of a page. Acknowledgements take about fifty bytes, forwarded console lines some thousand. */
export const MAX_PAYLOAD_BYTES = 16 * 1024

/** The first byte of a frame: no other follows, and it is text. */
const FINAL_TEXT = 0x81

/** What one message may add to a count: as many as a tab makes in a month. */
const MAX_ATTEMPTS = 10_000_000

export function encode (message: ServerMessage): Frame {
  const text = toLine(message)
  return { type: message.type, message, text, bytes: Buffer.from(text) }
}

/** JSON on one line. U+2028 and U+2029 are escaped, because some readers take them for line ends. A pattern that was not used for a while would be compiled anew. */
export function toLine (value: unknown): string {
  return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

/** The text as the one frame of a message that is not masked (RFC 6455, 5.2). */
export function toSocketFrame ({ bytes }: Frame): Buffer {
  const { length } = bytes
  if (length < 126) return Buffer.concat([Buffer.of(FINAL_TEXT, length), bytes])
  const isLong = length >= 65_536
  const head = Buffer.alloc(isLong ? 10 : 4)
  head[0] = FINAL_TEXT
  head[1] = isLong ? 127 : 126
  // Of the eight bytes of a long length the first four stay zero.
  if (isLong) head.writeUInt32BE(length, 6)
  else head.writeUInt16BE(length, 2)
  return Buffer.concat([head, bytes])
}

/** Makes the bytes of each message, and of those that go out together, once, however many connections they go to. */
export function memoize (toBytes: (frame: Frame) => Buffer): (frames: Frames) => Buffer {
  const one = remember(toBytes)
  return remember(frames => frames.length === 1 ? one(frames[0] as Frame) : Buffer.concat(frames.map(one)))
}

function remember<Key extends object> (toBytes: (key: Key) => Buffer): (key: Key) => Buffer {
  const known = new WeakMap<Key, Buffer>()
  return key => {
    let bytes = known.get(key)
    if (bytes === undefined) known.set(key, bytes = toBytes(key))
    return bytes
  }
}

/** Returns `undefined` for an invalid message. `expected` is the type when the URL implies it. */
export function decode (text: string, expected?: PageMessage['type']): PageMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { type = expected, seq, kind, ms, level, text: line, from, to, reason, url, tab, attempts } = value as Record<string, unknown>
  if (expected !== undefined && type !== expected) return undefined
  if (type === 'applied' && Number.isInteger(seq) && (kind === 'reload' || kind === 'update') && Number.isFinite(ms)) {
    return { type, seq: seq as number, kind, ms: ms as number }
  }
  if (type === 'log' && (level === 'error' || level === 'warn' || level === 'info' || level === 'debug') && typeof line === 'string') {
    return { type, level, text: line, ...typeof url === 'string' && { url }, ...typeof tab === 'string' && { tab } }
  }
  if (type === 'fallback' && isTransport(from) && isTransport(to) && (reason === 'timeout' || reason === 'failed' || reason === 'forced')) {
    return { type, from, to, reason }
  }
  if (type === 'failed' && Number.isInteger(attempts) && (attempts as number) > 0 && (attempts as number) <= MAX_ATTEMPTS) {
    return { type, attempts: attempts as number }
  }
  return undefined
}
