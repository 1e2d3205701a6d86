// The HTTP client of the tests. It sends targets and headers exactly as given: `fetch` and `http.request` would correct them.
import { connect } from 'node:net'

export interface Answer {
  readonly status: number
  /** By name in lower case; the values of a repeated header are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Status line and headers as they came. */
  readonly head: string
  /** Without the framing of `Transfer-Encoding: chunked`, otherwise as it came. */
  readonly body: Buffer
  readonly text: string
}

export interface SendOptions {
  /** Milliseconds until the request fails. @default 10_000 */
  readonly deadline?: number
  /** Settles as soon as the head has come, for an answer without an end. */
  readonly untilHead?: boolean
  /** Settles only when the server has closed the connection, even after a complete answer. */
  readonly untilEnd?: boolean
}

/** Lines as they are sent, or names and values: these get `Host: localhost:PORT` unless they have their own. */
export type Headers = readonly string[] | Readonly<Record<string, string | readonly string[]>>

export interface RequestOptions extends SendOptions {
  readonly method?: string
  readonly headers?: Headers
  readonly body?: string
}

/** What a browser sends when it opens an address. */
export const NAVIGATION = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'Sec-Fetch-Dest': 'document', 'Sec-Fetch-Mode': 'navigate' }

const HANDSHAKE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']

export function request (port: number, target: string, { method = 'GET', headers = {}, body = '', ...options }: RequestOptions = {}): Promise<Answer> {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const lines = [`${method} ${target} HTTP/1.1`, ...toLines(port, headers), 'Connection: close', ...length]
  return send(port, Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)]), options)
}

/** A WebSocket handshake. */
export function upgrade (port: number, target: string, headers: Headers = {}, options: SendOptions = {}): Promise<Answer> {
  return send(port, `${[`GET ${target} HTTP/1.1`, ...toLines(port, headers), ...HANDSHAKE].join('\r\n')}\r\n\r\n`, options)
}

/** Sends these bytes. Reads until the server closes the connection, or until an answer of known length is complete. */
export function send (port: number, bytes: string | Buffer, { deadline = 10_000, untilHead = false, untilEnd = false }: SendOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = Buffer.alloc(0)
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`no answer within ${deadline} ms to ${String(bytes).slice(0, 200)}, but ${received.toString().slice(0, 200)}`))
    }, deadline)
    const finish = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve(parse(received))
    }
    socket.on('connect', () => socket.write(bytes))
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk])
      if (!untilEnd && isComplete(received, untilHead)) finish()
    })
    // A server that resets the connection may have answered before.
    socket.on('error', () => {})
    socket.on('close', finish)
  })
}

function toLines (port: number, headers: Headers): readonly string[] {
  if (Array.isArray(headers)) return headers
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map(one => `${name}: ${one}`))
  return lines.some(line => /^host:/i.test(line)) ? lines : [`Host: localhost:${port}`, ...lines]
}

function isComplete (received: Buffer, untilHead: boolean): boolean {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = received.subarray(0, end).toString('latin1')
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  return untilHead || /^HTTP\/1\.1 (101|204|304)/.test(head) || (length !== undefined && received.length >= end + 4 + Number(length))
}

function parse (received: Buffer): Answer {
  const end = received.indexOf('\r\n\r\n')
  const head = received.subarray(0, end < 0 ? received.length : end).toString('latin1')
  const [first = '', ...lines] = head.split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value
  }
  const rest = end < 0 ? Buffer.alloc(0) : received.subarray(end + 4)
  const body = headers['transfer-encoding'] === 'chunked' ? dechunk(rest) : rest
  return { status: Number(/^HTTP\/1\.[01] (\d+)/.exec(first)?.[1] ?? 0), headers, head, body, text: body.toString() }
}

function dechunk (bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at)
    const size = line < 0 ? 0 : parseInt(bytes.subarray(at, line).toString(), 16)
    if (!size) return Buffer.concat(parts)
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 4 + size
  }
}
