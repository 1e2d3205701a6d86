// HTTP by hand: `fetch` and `http.request` tidy up paths and headers, attackers do not.
import { connect } from 'node:net'

export interface RawReply {
  readonly status: number
  readonly head: string
  readonly body: string
}

export interface RawOptions {
  readonly deadline?: number
  /** Answers that never end: the head is all that is wanted. */
  readonly untilHead?: boolean
  /** The server is to end the connection by itself, however much of an answer it has given. */
  readonly untilEnd?: boolean
}

/** Sends exactly these bytes and reads until the server ends, or until a whole answer of known length has come. */
export function raw (port: number, text: string | Buffer, { deadline = 10_000, untilHead = false, untilEnd = false }: RawOptions = {}): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    const timer = setTimeout(() => { socket.destroy(); reject(new Error(`no answer within ${deadline} ms: ${String(Buffer.concat(chunks)).slice(0, 200)}`)) }, deadline)
    const finish = () => {
      clearTimeout(timer)
      socket.destroy()
      const [head = '', ...rest] = String(Buffer.concat(chunks)).split('\r\n\r\n')
      resolve({ status: Number(/^HTTP\/1\.[01] (\d+)/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') })
    }
    socket.on('connect', () => socket.write(text))
    socket.on('data', chunk => {
      chunks.push(chunk)
      const all = Buffer.concat(chunks)
      const end = all.indexOf('\r\n\r\n')
      if (end < 0 || untilEnd) return
      const head = String(all.subarray(0, end))
      const length = /^content-length: (\d+)/im.exec(head)?.[1]
      if (untilHead || /^HTTP\/1\.1 (101|204|304)/.test(head) || (length !== undefined && all.length >= end + 4 + Number(length))) finish()
    })
    socket.on('error', () => {})
    socket.on('close', finish)
  })
}

/** A GET with exactly these headers; `Host` is sent only when given. */
export function rawGet (port: number, path: string, headers: readonly string[] = ['Host: localhost'], method = 'GET'): Promise<RawReply> {
  return raw(port, `${[`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`)
}

/** The same as a WebSocket handshake. */
export function rawUpgrade (port: number, path: string, headers: readonly string[] = ['Host: localhost'], options: RawOptions = {}): Promise<RawReply> {
  return raw(port, `${[`GET ${path} HTTP/1.1`, ...headers, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='].join('\r\n')}\r\n\r\n`, options)
}
