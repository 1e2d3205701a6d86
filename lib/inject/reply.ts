// What the story asks of Fastify's requests and replies, in its own words.
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { asksForDocument, isHtml, isXml } from './decide.js'
import type { Exchange } from './decide.js'

/** What a reply says of itself, read once. */
export type Headers = Readonly<Record<string, unknown>>

export type Body = string | Buffer | Readable

/** What htmx, Turbo, Unpoly and others say of themselves: browsers tell `Sec-Fetch-Dest` to trustworthy addresses alone. */
const FETCHED = ['hx-request', 'hx-history-restore-request', 'turbo-frame', 'x-turbo-request-id', 'x-up-target', 'x-up-version', 'x-requested-with']

/** What is about to be sent. */
export interface Given {
  readonly status: number
  readonly headers: Headers
  /** A string, a Buffer, a stream, or nothing that we know. */
  readonly body: unknown
  /** Status and headers of a web `Response` become those of the reply, once: what is dropped then does not come back. */
  adopt (): void
}

/** Looks through a web `Response`, whose status and headers Fastify takes over after the last hook. */
export function look (reply: FastifyReply, payload: unknown): Given {
  if (!isResponse(payload)) return { status: reply.statusCode, headers: reply.getHeaders(), body: payload, adopt () {} }
  let adopted = false
  return {
    status: payload.status,
    headers: { ...reply.getHeaders(), ...Object.fromEntries(payload.headers) },
    body: payload.body === null ? null : payload.bodyUsed ? payload : payload.body,
    adopt () {
      if (adopted) return
      adopted = true
      reply.code(payload.status)
      for (const [name, value] of payload.headers) reply.header(name, value)
    }
  }
}

/** What changes while one develops. */
export function isPageOrFile (request: FastifyRequest, reply: FastifyReply, payload: unknown): boolean {
  const type = (isResponse(payload) ? payload.headers.get('content-type') : undefined) ?? reply.getHeader('content-type')
  return isHtml(type) || reply.hasHeader('last-modified') || (isXml(type) && asksForDocument(request.raw.headers))
}

function isResponse (payload: unknown): payload is Response {
  return typeof payload === 'object' && payload !== null && Object.prototype.toString.call(payload) === '[object Response]'
}

/** What `decide` wants to know. */
export function describe (request: FastifyRequest, { status, headers: said, body }: Given): Exchange {
  const { headers } = request.raw
  return {
    status,
    type: said['content-type'],
    dest: headers['sec-fetch-dest'],
    accept: headers.accept,
    origin: headers.origin,
    host: headers.host ?? headers[':authority'],
    fetched: FETCHED.some(name => headers[name] !== undefined),
    encoding: said['content-encoding'],
    disposition: said['content-disposition'],
    range: said['content-range'],
    cacheControl: said['cache-control'],
    payload: kindOf(body)
  }
}

export function isStream (payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload && typeof payload.pipe === 'function'
}

/** A stream of either world as one of Node's; a string or a Buffer as what it is. */
export function bodyOf (payload: unknown): Body {
  return isWebStream(payload) ? Readable.fromWeb(payload) : payload as Body
}

/** As a stream, whatever it is. */
export function streamOf (body: Body): Readable {
  return isStream(body) ? body : Readable.from([Buffer.from(body as Buffer)], { objectMode: false })
}

function isWebStream (payload: unknown): payload is ReadableStream {
  return typeof payload === 'object' && payload !== null && 'getReader' in payload && 'locked' in payload && payload.locked === false
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
export function notModified (request: FastifyRequest, reply: FastifyReply, body: unknown): unknown {
  reply.code(304)
  drop(reply, reply.getHeaders(), ['content-length', 'content-type', 'content-encoding', 'content-language'])
  if (isStream(body)) body.on('error', () => {}).destroy()
  else if (isWebStream(body)) body.cancel().catch(() => {})
  // Fastify's own HEAD routes ask the payload for a method.
  return request.method === 'HEAD' ? Readable.from([]) : null
}

/** What an `onSend` hook was given. */
export function kindOf (payload: unknown): Exchange['payload'] {
  if (payload === undefined || payload === null) return 'nothing'
  if (payload === '') return 'empty'
  if (typeof payload === 'string') return 'text'
  if (Buffer.isBuffer(payload)) return payload.length === 0 ? 'empty' : 'bytes'
  return isStream(payload) || isWebStream(payload) ? 'stream' : 'other'
}
