// What the story asks of Fastify's requests and replies, in its own words.
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Exchange } from './decide.js'

/** What a reply says of itself, read once. */
export type Headers = Readonly<ReturnType<FastifyReply['getHeaders']>>

/** What `decide` wants to know. */
export function describe (request: FastifyRequest, status: number, said: Headers, payload: unknown): Exchange {
  const { headers } = request.raw
  return {
    status,
    type: said['content-type'],
    dest: headers['sec-fetch-dest'],
    origin: headers.origin,
    host: headers.host,
    fetched: headers['hx-request'] !== undefined || headers['turbo-frame'] !== undefined || headers['x-requested-with'] !== undefined,
    encoding: said['content-encoding'],
    disposition: said['content-disposition'],
    range: said['content-range'],
    cacheControl: said['cache-control'],
    payload: kindOf(payload)
  }
}

export function isStream (payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload && typeof payload.pipe === 'function'
}

/** A route that wants its replies as they are. */
export function isOptedOut (request: FastifyRequest): boolean {
  return request.routeOptions.config?.liveReload === false
}

export function isRead (request: FastifyRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

/** Takes headers out, whichever way they were set. */
export function drop (reply: FastifyReply, said: Headers, names: readonly string[]): void {
  for (const name of names) {
    if (said[name] === undefined) continue
    reply.removeHeader(name)
    reply.raw.removeHeader(name)
  }
}

/** Makes it a 304: gives what is to be sent instead of the payload, which is let go unread. */
export function notModified (request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  reply.code(304)
  drop(reply, reply.getHeaders(), ['content-length', 'content-type', 'content-encoding', 'content-language'])
  if (isStream(payload)) payload.on('error', () => {}).destroy()
  // Fastify's own HEAD routes ask the payload for a method.
  return request.method === 'HEAD' ? Readable.from([]) : null
}

/** Adds to the length that was set. Gives its undo, for before the first byte. */
export function addLength (reply: FastifyReply, bytes: number): () => void {
  const given = reply.getHeader('content-length')
  if (given === undefined) return () => {}
  const sum = Number(given) + bytes
  reply.header('content-length', sum)
  return () => {
    // Fastify hands headers over before a stream begins to flow.
    if (reply.getHeader('content-length') === sum) reply.header('content-length', given)
    if (reply.raw.getHeader('content-length') === sum && !reply.raw.headersSent) reply.raw.setHeader('content-length', given)
  }
}

/** What an `onSend` hook was given. */
export function kindOf (payload: unknown): Exchange['payload'] {
  if (payload === undefined || payload === null || payload === '') return 'nothing'
  if (typeof payload === 'string') return 'text'
  if (Buffer.isBuffer(payload)) return payload.length === 0 ? 'nothing' : 'bytes'
  return isStream(payload) ? 'stream' : 'other'
}
