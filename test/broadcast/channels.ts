// Clients of every channel that know only the wire, for the conformance suite: how each connects, reads, stops reading, breaks off.
import { request as httpRequest } from 'node:http'
import { connect as connectTwo } from 'node:http2'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import type { Transport } from '../../types/transport.js'
import type { ServerMessage } from '../../types/message.js'
import { raw, rawUpgrade } from '../support/raw.js'
import { createEventReader } from '../support/event-reader.js'

export interface Client {
  readonly got: ServerMessage[]
  /** Status of the answer that was no channel, or 0. */
  readonly refused: () => number
  readonly closed: () => boolean
  say (text: string): void
  /** Stops reading, so that the server's buffers fill. */
  pause (): void
  /** Breaks off without a word. */
  reset (): void
  close (): void
}

export interface Ask {
  readonly query?: string
  /** What this page was made from, told in this channel's own way. */
  readonly headers?: Record<string, string>
}

export interface Channel {
  readonly name: string
  readonly transport: Transport
  readonly server: { readonly http2?: true }
  /** What the suite may ask of it. */
  readonly can: {
    /** Peers answer pings. */
    readonly ping: boolean
    /** Pages send messages on the connection itself. */
    readonly speak: boolean
    /** `Last-Event-ID` stands in for the query. */
    readonly resume: boolean
    /** Answers to a bare HTTP/1.1 request tell what the gate says. */
    readonly raw: boolean
  }
  open (t: Test, port: number, ask?: Ask): Client
  /** A bare request with exactly these headers: status and head of the answer. */
  request (port: number, headers: readonly string[], query?: string): Promise<{ status: number, head: string }>
}

export const socket: Channel = {
  name: 'WebSocket',
  transport: 'ws',
  server: {},
  can: { ping: true, speak: true, resume: false, raw: true },
  open (t, port, { query = '', headers = {} } = {}) {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/__live/socket${query}`, { headers })
    const got: ServerMessage[] = []
    let status = 0
    ws.on('message', data => got.push(JSON.parse(String(data)) as ServerMessage))
    ws.on('unexpected-response', (_request, response) => { status = response.statusCode as number })
    ws.on('error', () => {})
    t.teardown(() => ws.terminate())
    const under = () => (ws as unknown as { _socket: Socket })._socket
    return {
      got,
      refused: () => status,
      closed: () => ws.readyState === WebSocket.CLOSED,
      say: text => ws.send(text),
      pause: () => { ws.pause() },
      reset: () => { under().resetAndDestroy() },
      close: () => { ws.close() }
    }
  },
  request: (port, headers, query = '') => rawUpgrade(port, `/__live/socket${query}`, headers)
}

export const stream: Channel = {
  name: 'SSE over HTTP/1.1',
  transport: 'sse',
  server: {},
  can: { ping: false, speak: false, resume: true, raw: true },
  open (t, port, { query = '', headers = {} } = {}) {
    const reader = createEventReader()
    let status = 0
    let closed = false
    const asked = httpRequest({ port, host: '127.0.0.1', path: `/__live/events${query}`, headers, agent: false }, response => {
      if (response.statusCode !== 200) status = response.statusCode as number
      response.on('data', reader.read)
      response.on('close', () => { closed = true })
      response.on('error', () => {})
    })
    asked.on('error', () => { closed = true })
    asked.end()
    t.teardown(() => { asked.destroy() })
    return {
      got: reader.got,
      refused: () => status,
      closed: () => closed,
      say () {},
      pause: () => { asked.socket?.pause() },
      reset: () => { asked.socket?.resetAndDestroy() },
      close: () => { asked.destroy() }
    }
  },
  // The stream has no end: what the head says is enough.
  request: (port, headers, query = '') => raw(port, `${[`GET /__live/events${query} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`, { untilHead: true })
}

export const streamWhole: Channel = {
  ...stream,
  name: 'SSE, a whole message as data',
  open: (t, port, { query, ...ask } = {}) => stream.open(t, port, { ...ask, query: `${query === undefined ? '?' : `${query}&`}whole=1` })
}

export const streamTwo: Channel = {
  ...stream,
  name: 'SSE over HTTP/2',
  server: { http2: true },
  can: { ping: true, speak: false, resume: true, raw: false },
  open (t, port, { query = '', headers = {} } = {}) {
    const session = connectTwo(`http://127.0.0.1:${port}`)
    const reader = createEventReader()
    let status = 0
    let closed = false
    const asked = session.request({ ':path': `/__live/events${query}`, ...headers })
    asked.on('response', head => { if (head[':status'] !== 200) status = head[':status'] as number })
    asked.on('data', reader.read)
    asked.on('close', () => { closed = true; session.close() })
    asked.on('error', () => {})
    session.on('error', () => {})
    t.teardown(() => session.destroy())
    return {
      got: reader.got,
      refused: () => status,
      closed: () => closed,
      say () {},
      pause: () => { asked.pause() },
      reset: () => { session.destroy() },
      close: () => { asked.close() }
    }
  },
  async request (port, headers, query = '') {
    const [, host = ''] = /^Host: (.*)/.exec(headers[0] ?? '') ?? []
    const session = connectTwo(`http://127.0.0.1:${port}`)
    session.on('error', () => {})
    const rest = Object.fromEntries(headers.slice(1).map(line => line.split(': ').map((part, i) => i === 0 ? part.toLowerCase() : part)))
    const asked = session.request({ ':path': `/__live/events${query}`, ':authority': host, ...rest })
    const head = await new Promise<Record<string, unknown>>((resolve, reject) => asked.on('response', resolve).on('error', reject))
    session.destroy()
    return { status: Number(head[':status']), head: Object.entries(head).map(pair => pair.join(': ')).join('\r\n') }
  }
}
