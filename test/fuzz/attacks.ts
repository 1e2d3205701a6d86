// What a hostile or broken client sends: requests, upgrades, frames of WebSocket and HTTP/2, whole, cut, mixed up and damaged.
import type { Random } from './random.js'

export type Attack = (random: Random, token: string) => Buffer[]

const PATHS = ['/', '/slow', '/stream', '/boom', '/echo', '/none', '/files/file.html', '/files/../x', '/__live/', '/__live/socket', '/__live/events', '/__live/client.js', '/__live/health', '/__live/applied', '/__live/log', '/__live/open', '/__live/overlay', '/__live/status', '/%', '//', '*', 'http://evil.test/', '/__live/socket?at=x:1', '/__live/events?whole']
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'CONNECT', 'PATCH', 'BREW', 'get']
const HEADERS = [
  'Connection: keep-alive', 'Connection: close', 'Connection: Upgrade', 'Upgrade: websocket', 'Upgrade: h2c', 'Upgrade: foo', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Version: 7', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Key: x', 'Sec-WebSocket-Protocol: a, b', 'Sec-WebSocket-Extensions: permessage-deflate', 'Content-Type: application/json', 'Content-Type: text/html', 'Content-Length: 0', 'Content-Length: 7', 'Content-Length: 99999',
  'Content-Length: -1', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Expect: 100-continue', 'Accept: text/html', 'Sec-Fetch-Dest: document', 'Sec-Fetch-Site: cross-site', 'Origin: null', 'Origin: http://evil.test', 'Accept-Encoding: gzip, br',
  'If-None-Match: *', 'Range: bytes=0-0,1-1,5-', 'Host: evil.test', 'Last-Event-ID: junk', 'Cookie: a=b', 'X-Forwarded-Proto: https', 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA', 'Bad Header', ': x', `X-Long: ${'x'.repeat(20_000)}`
]
const BODIES = ['', '{}', '{"a":1}', '{"seq":1,"kind":"reload","ms":1}', '{"level":"error","text":"x\\n    at f (/client.js:1:1)"}', '7\r\n{"a":1}\r\n0\r\n\r\n', 'fffffffff\r\n', '-1\r\nx', '{"file":"/etc/passwd"}', '['.repeat(10_000)]
const HANDSHAKE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
const MESSAGES = ['{"type":"applied","seq":1,"kind":"reload","ms":1}', '{"type":"log","level":"error","text":"x"}', '{"type":"fallback","from":"ws","to":"sse","reason":"timeout"}', '{"type":"applied","seq":1e999}', '{"__proto__":null}', '[]', 'null', '', '\u0000', '['.repeat(5000)]

function request (random: Random, token: string): string {
  const path = random.pick(PATHS)
  const target = random.chance(0.5) ? path + (path.includes('?') ? '&' : '?') + `token=${token}` : path
  const headers = ['Host: localhost', ...random.list(6, () => random.pick(HEADERS))]
  return `${random.pick(METHODS)} ${target} HTTP/1.${random.pick([1, 1, 1, 0, 2])}\r\n${headers.join('\r\n')}\r\n\r\n${random.chance(0.5) ? random.pick(BODIES) : ''}`
}

const upgrade = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${HANDSHAKE}\r\n\r\n`

/** Of WebSocket: any opcode, any length, said in any way. */
function frame (random: Random): Buffer {
  const good = random.chance(0.4)
  const payload = good ? Buffer.from(random.pick(MESSAGES)) : random.bytes(random.pick([0, 1, 2, 125, 126, 300, 20_000]))
  const first = good ? 0x81 : random.pick([0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a, 0x08, 0x09, 0x83, 0x8f, 0xc1, 0xf1, random.below(256)])
  const masked = good || random.chance(0.8) ? 0x80 : 0
  const key = random.bytes(4)
  const length = good || random.chance(0.8) ? payload.length : random.pick([0, 1, 2 ** 16, 2 ** 31, 2 ** 40, 2 ** 52])
  const size = length > 65_535 || random.chance(0.05) ? 127 : length > 125 || random.chance(0.05) ? 126 : length
  const extended = Buffer.alloc(size === 127 ? 8 : size === 126 ? 2 : 0)
  if (size === 127) extended.writeBigUInt64BE(BigInt(length))
  if (size === 126) extended.writeUInt16BE(length & 0xffff)
  const body = masked === 0 ? payload : Buffer.concat([key, payload.map((byte, i) => byte ^ (key[i % 4] as number))])
  return Buffer.concat([Buffer.from([first, masked | size]), extended, body])
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

function frame2 (type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream >>> 0, 5)
  return Buffer.concat([head, payload])
}

const literal = (index: number, value: string): Buffer => Buffer.concat([Buffer.from([index, value.length]), Buffer.from(value)])

/** A request by HPACK without compression. */
function headers2 (random: Random, stream: number, token: string): Buffer {
  const path = random.pick(PATHS).slice(0, 60) + (random.chance(0.3) ? `?token=${token}` : '')
  const method = random.pick([Buffer.from([0x82]), Buffer.from([0x83]), literal(0x02, 'HEAD'), literal(0x02, 'CONNECT')])
  const block = Buffer.concat([method, Buffer.from([0x86]), literal(0x04, path), literal(0x01, 'localhost'), random.chance(0.2) ? random.bytes(8) : Buffer.alloc(0)])
  return frame2(1, random.pick([5, 5, 5, 4, 1, 0, 0x2d]), stream, block)
}

function any2 (random: Random, token: string): Buffer {
  const stream = random.pick([0, 1, 2, 3, 5, 7, 9, 2 ** 31 - 1, 2 ** 32 - 1])
  if (random.chance(0.5)) return headers2(random, 1 + 2 * random.below(50), token)
  const length = random.pick([0, 4, 5, 6, 8, 100])
  return frame2(random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]), random.below(256), stream, random.bytes(length), random.chance(0.9) ? length : random.pick([0, 2 ** 14, 2 ** 24 - 1]))
}

/** Takes bytes out, puts some in, turns bits over, or cuts the end off. */
export function damage (random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + random.below(8))
  switch (random.below(4)) {
    case 0: return bytes.subarray(0, at)
    case 1: return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
    case 2: return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(8)), bytes.subarray(at)])
    default: return Buffer.concat([bytes.subarray(0, at), Buffer.from(bytes.subarray(at, end).map(byte => byte ^ (1 << random.below(8)))), bytes.subarray(end)])
  }
}

const text = (...parts: string[]): Buffer => Buffer.from(parts.join(''), 'latin1')

export const HTTP1: readonly Attack[] = [
  (random, token) => [text(...random.list(8, () => request(random, token)))],
  (random, token) => random.list(4, () => text(request(random, token))),
  (random, token) => [damage(random, text(request(random, token))), text(request(random, token))],
  (random, token) => [text(request(random, token), upgrade(random.pick(PATHS))), ...random.list(5, () => frame(random))],
  (random, token) => [text(upgrade('/__live/socket'), ...random.list(3, () => request(random, token)))],
  random => [text(upgrade('/__live/socket')), ...random.list(30, () => frame(random))],
  random => [Buffer.concat([text(upgrade('/__live/socket')), ...random.list(30, () => frame(random))])],
  random => [text(upgrade('/__live/socket')), ...random.list(20, () => damage(random, frame(random)))],
  random => [text('GET /__live/events HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1 + random.below(100)))],
  random => [random.bytes(random.below(2000))],
  (random, token) => [PREFACE, ...random.list(10, () => any2(random, token))]
]

const SETTINGS = frame2(4, 0, 0, Buffer.alloc(0))

export const HTTP2: readonly Attack[] = [
  (random, token) => [PREFACE, SETTINGS, ...random.list(60, () => any2(random, token))],
  (random, token) => [Buffer.concat([PREFACE, SETTINGS, ...Array.from({ length: 1 + random.below(150) }, (_, i) => headers2(random, 1 + 2 * i, token))])],
  (random, token) => [PREFACE, SETTINGS, ...Array.from({ length: 1 + random.below(40) }, (_, i) => Buffer.concat([headers2(random, 1 + 2 * i, token), frame2(3, 0, 1 + 2 * i, Buffer.from([0, 0, 0, 8]))]))],
  (random, token) => [PREFACE, SETTINGS, ...random.list(10, () => damage(random, any2(random, token)))],
  (random, token) => [text(request(random, token))],
  random => [PREFACE, random.bytes(random.below(500))]
]
