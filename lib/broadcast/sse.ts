// The SSE channel: one endless reply per client, over HTTP/1.1 or HTTP/2, moves bytes between it and the hub.
import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Connection, Frame, Hub, Membership } from './channel.js'
import { oneLine } from './frame.js'
import { HEADERS, refuseFull } from './guard.js'

// Nothing on the way may keep it, change it or wait for its end.
const STREAM = { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' }
/** What a client that reconnects by itself waits; ours has its own way. */
const RETRY = Buffer.from('retry: 1000\n\n')
const HEARTBEAT = Buffer.from(':\n\n')
/** Milliseconds without traffic until the system itself asks whether the peer is there. */
const IDLE = 2000

export interface StreamParts {
  readonly hub: Hub
  /** Names this process, for `id: epoch:seq`. */
  readonly epoch: string
  /** @default '/events' */
  readonly url?: string
}

/** Adds `GET` and `HEAD /events` to the scope. The gate stands before it, as before every route of ours. */
export function serveStream (scope: FastifyInstance, { hub, epoch, url = '/events' }: StreamParts): void {
  const events = once(frame => toEvent(frame, epoch))
  const texts = once(toText)

  scope.head(url, (_request, reply) => { reply.headers(STREAM).send() })
  scope.route({
    method: 'GET',
    url,
    exposeHeadRoute: false,
    handler: (request, reply) => {
      if (hub.full) return refuseFull(reply)
      reply.hijack()
      // Gone while the hooks ran: its end was told before anybody listened.
      if (request.raw.aborted) return
      const { raw } = reply
      // A client that is gone is nothing to log; 'close' follows.
      raw.on('error', () => {})
      raw.shouldKeepAlive = false
      raw.setTimeout(0)
      raw.writeHead(200, STREAM)
      raw.write(RETRY)
      // There is room: it was asked for in this very tick.
      const { leave } = hub.join(connect(raw, isWhole(request) ? texts : events), atOf(request)) as Membership
      raw.on('close', leave)
    }
  })
}

/** Each frame is made to bytes once, however many streams it goes to. */
function once (toBytes: (frame: Frame) => Buffer): (frame: Frame) => Buffer {
  const known = new WeakMap<Frame, Buffer>()
  return frame => {
    let bytes = known.get(frame)
    if (bytes === undefined) known.set(frame, bytes = toBytes(frame))
    return bytes
  }
}

function connect (raw: ServerResponse, bytesOf: (frame: Frame) => Buffer): Connection {
  const { stream } = raw as ServerResponse & { stream?: ServerHttp2Stream }
  let awaited = 0
  const confirm = (error?: Error | null): void => { if (!error) awaited-- }
  const destroy = (): void => { raw.destroy() }
  if (stream === undefined) raw.socket?.setKeepAlive(true, IDLE)
  return {
    transport: 'sse',
    get buffered () { return raw.writableLength },
    send: frame => { raw.write(bytesOf(frame), () => {}) },
    ping: () => {
      if (awaited > 0) return destroy()
      // That the system takes the bytes is all that HTTP/1.1 tells. HTTP/2 has an answer, too.
      awaited = stream?.session === undefined ? 1 : 2
      raw.write(HEARTBEAT, confirm)
      stream?.session?.ping(confirm)
    },
    end: () => { raw.end() },
    destroy
  }
}

/** `event` is the type, `id` the state it leads to, `data` the rest on one line. */
export function toEvent ({ message, type }: Frame, epoch: string): Buffer {
  const { type: _, ...rest } = message
  const id = 'seq' in message ? `id: ${epoch}:${message.seq}\n` : ''
  return Buffer.from(`event: ${type}\n${id}data: ${oneLine(rest)}\n\n`)
}

/** For who asks for it: the text that goes over a socket, so that one reader does for both. */
function toText ({ text }: Frame): Buffer {
  return Buffer.from(`data: ${text}\n\n`)
}

function isWhole (request: FastifyRequest): boolean {
  return 'whole' in (request.query as object)
}

// What a page says it was made from wins: the last event is only what it heard.
function atOf (request: FastifyRequest): string | undefined {
  const { at } = request.query as { at?: unknown }
  const last = request.headers['last-event-id']
  return typeof at === 'string' ? at : typeof last === 'string' ? last : undefined
}
