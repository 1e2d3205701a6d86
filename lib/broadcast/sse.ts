// Server-sent events: one endless reply per client, over HTTP/1.1 or HTTP/2, fed by the hub.
import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { OWN_ROUTE, paramOf } from '../shared/own-routes.js'
import type { Connection, Frame, Frames, Subscription } from './channel.js'
import { memoize, toLine } from './frame.js'
import { HEADERS, refuseFull } from './guard.js'
import type { Hub } from './hub.js'
import { askTwice, pingSession, type SessionPing } from './ping.js'
import { readTab } from './tab.js'

// Keeps proxies and compressors from buffering or changing the stream.
const STREAM_HEADERS = { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }
/** For clients that reconnect by themselves. Ours closes the stream and reconnects with its newest stamp. */
const RETRY = Buffer.from('retry: 1000\n\n')
const HEARTBEAT = Buffer.from(':\n\n')
/** After this much silence the operating system asks whether the peer is there. */
const TCP_KEEPALIVE_MS = 2000

export interface StreamOptions {
  readonly hub: Hub
  /** Identifies this process, in `id: epoch:seq`. */
  readonly epoch: string
  /** @default '/events' */
  readonly url?: string
}

type RawReply = ServerResponse & { readonly stream?: ServerHttp2Stream }

/** Adds `GET` and `HEAD /events` to the scope, which has the gate. */
export function serveSse (scope: FastifyInstance, { hub, epoch, url = '/events' }: StreamOptions): void {
  const events = memoize(frame => toEvent(frame, epoch))
  const texts = memoize(({ text }) => Buffer.from(`data: ${text}\n\n`))
  // HTTP/1.1 has one stream per connection. An HTTP/2 connection may have thousands, and gets half of the hub: other browsers need the rest.
  const streams = new WeakMap<object, number>()

  scope.head(url, OWN_ROUTE, (_request, reply) => { reply.headers(STREAM_HEADERS).send() })
  scope.route({
    ...OWN_ROUTE,
    method: 'GET',
    url,
    exposeHeadRoute: false,
    handler: (request, reply) => {
      const { raw } = reply
      const session = (raw as RawReply).stream?.session ?? raw
      const open = streams.get(session) ?? 0
      if (hub.full || open >= hub.limit / 2) return refuseFull(reply)
      reply.hijack()
      // Pipelined behind another reply. Behind a stream its turn never comes, and Node does not report when its connection closes.
      if (raw.socket === null) {
        request.raw.destroy()
        return
      }
      // The client left while hooks ran; 'close' was emitted before anybody listened.
      if (request.raw.aborted) return
      // 'close' follows. A client that breaks off is not worth a log line.
      raw.on('error', () => {})
      // The stream ends with its connection, so nothing has to be said of its length: each part of a chunked reply takes four writes.
      raw.shouldKeepAlive = false
      raw.removeHeader('transfer-encoding')
      raw.setTimeout(0)
      raw.writeHead(200, STREAM_HEADERS)
      const connection = connect(raw, paramOf(request.url, 'whole') !== undefined ? texts : events)
      const { leave } = writeAtOnce(raw, () => {
        raw.write(RETRY)
        // Not `undefined`: the hub had room a few lines above.
        return hub.join(connection, stampOf(request), readTab(request)) as Subscription
      })
      streams.set(session, open + 1)
      raw.on('close', () => {
        streams.set(session, (streams.get(session) as number) - 1)
        leave()
      })
    }
  })
}

function connect (raw: ServerResponse, bytesOf: (frames: Frames) => Buffer): Connection {
  const { stream } = raw as RawReply
  let isWritten = true
  /** The ping that the last heartbeat waits for, and the newest of all. */
  let due: SessionPing | undefined
  let last: SessionPing | undefined
  let latency: number | undefined
  const ask = (): SessionPing | undefined => {
    latency = last?.ms ?? latency
    last = stream?.session && pingSession(stream.session)
    return last
  }
  const destroy = (): void => { raw.destroy() }
  if (stream === undefined) raw.socket?.setKeepAlive(true, TCP_KEEPALIVE_MS)
  else raw.on('close', askTwice(ask))
  return {
    transport: 'sse',
    get buffered () { return raw.writableLength },
    get latency () { return last?.ms ?? latency },
    send: frames => { writeAtOnce(raw, () => raw.write(bytesOf(frames), () => {})) },
    ping: () => {
      if (!isWritten || due?.isOpen === true) return destroy()
      // HTTP/1.1 only confirms that the system took the bytes. HTTP/2 has pings of its own, which the peer answers.
      isWritten = false
      writeAtOnce(raw, () => raw.write(HEARTBEAT, error => { isWritten = !error }))
      due = ask()
    },
    end: () => { raw.end() },
    destroy
  }
}

/** What `act` writes goes out before this returns, in one piece. Node would wait for the end of the current callback, and with many streams nobody's turn would count that time. */
function writeAtOnce<Result> (raw: ServerResponse, act: () => Result): Result {
  // HTTP/2 writes by itself, and has no socket to hold back.
  const socket = (raw as RawReply).stream === undefined ? raw.socket : null
  socket?.cork()
  try {
    return act()
  } finally {
    socket?.uncork()
  }
}

/** `event` is the type, `id` the stamp after the message, `data` the other fields on one line. */
export function toEvent ({ message, type }: Frame, epoch: string): Buffer {
  const { type: _, ...rest } = message
  const id = 'seq' in message ? `id: ${epoch}:${message.seq}\n` : ''
  return Buffer.from(`event: ${type}\n${id}data: ${toLine(rest)}\n\n`)
}

/** `?at` is what the page shows. `Last-Event-ID` is only what it received, and stands in for it. */
function stampOf ({ url, headers }: FastifyRequest): string | undefined {
  const last = headers['last-event-id']
  return paramOf(url, 'at') ?? (typeof last === 'string' ? last : undefined)
}
