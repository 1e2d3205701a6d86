// A reply on its way out as plain values, so that planning is pure; and the few changes that are made to it.
import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Stamp } from '../../types/message.js'
import { isSecure } from '../shared/navigation.js'

export interface Document {
  readonly method: string
  /** The headers of the request. */
  readonly requestHeaders: IncomingHttpHeaders
  /** True when the page came by HTTPS, as far as the server can tell. */
  readonly secure: boolean
  readonly status: number
  /** The headers of the reply. */
  readonly headers: Readonly<Record<string, unknown>>
  /** A string, a Buffer, a stream, or something unknown. */
  readonly body: unknown
  /** The newest change when the request came: a handler may read a template before a change and answer after it. */
  readonly stamp: Stamp
}

/** Headers that describe the body as it was before it was changed. */
export const STALE = ['etag', 'last-modified', 'accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest']

export type Body = string | Buffer | Readable

/** Reads the status and headers of a web `Response` too, which Fastify takes over only after the last hook. */
export function readDocument (request: FastifyRequest, reply: FastifyReply, payload: unknown, stamp: Stamp): Document {
  const response = isResponse(payload) ? payload : undefined
  const { headers } = request.raw
  return {
    method: request.method,
    requestHeaders: headers,
    secure: isSecure(request.protocol, headers),
    status: response?.status ?? reply.statusCode,
    headers: response ? { ...reply.getHeaders(), ...Object.fromEntries(response.headers) } : reply.getHeaders(),
    body: response === undefined || response.bodyUsed ? payload : response.body,
    stamp
  }
}

const adopted = new WeakSet<Response>()

/** Makes status and headers of a web `Response` those of the reply, so that they can be changed. Once: what is changed then stays changed. */
export function adoptResponse (reply: FastifyReply, payload: unknown): void {
  if (!isResponse(payload) || adopted.has(payload)) return
  adopted.add(payload)
  reply.code(payload.status)
  for (const [name, value] of payload.headers) reply.header(name, value)
}

/** True for what changes while a developer works: pages, and files with a modification time. */
export function isPageOrFile (reply: FastifyReply, payload: unknown): boolean {
  return isPage(reply, payload) || reply.hasHeader('last-modified')
}

/** `app-3f2a9c.css`: what is in the file has another name. */
const FINGERPRINT = /[.\-_](?=[\w-]*\d)[\w-]{6,}\.[^./]+$/

/** True for a file that the browser would keep without asking again, and that may change under its name. */
export function isKeptTooLong ({ headers }: Document, url: string): boolean {
  const said = String(headers['cache-control'])
  return headers['last-modified'] !== undefined && /\bmax-age=0*[1-9]|\bimmutable\b/i.test(said) && !/\bno-(?:cache|store)\b/i.test(said) && !FINGERPRINT.test(url.replace(/[?#].*/s, ''))
}

export function isPage (reply: FastifyReply, payload: unknown): boolean {
  return isHtml((isResponse(payload) ? payload.headers.get('content-type') : undefined) ?? reply.getHeader('content-type'))
}

export function isHtml (type: unknown): type is string {
  return type === 'text/html; charset=utf-8' || type === 'text/html' || (typeof type === 'string' && /^\s*text\/html\s*(?:;|$)/i.test(type))
}

export function isSafe (method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

export function kindOf (payload: unknown): 'text' | 'bytes' | 'stream' | 'empty' | 'nothing' | 'other' {
  if (payload === undefined || payload === null) return 'nothing'
  if (payload === '') return 'empty'
  if (typeof payload === 'string') return 'text'
  if (Buffer.isBuffer(payload)) return payload.length === 0 ? 'empty' : 'bytes'
  return isStream(payload) || isWebStream(payload) ? 'stream' : 'other'
}

export function isStream (payload: unknown): payload is Readable {
  return typeof payload === 'object' && payload !== null && 'pipe' in payload && typeof payload.pipe === 'function'
}

/** A web stream as one of Node; everything else as it is. */
export function nodeBodyOf (payload: unknown): Body {
  return isWebStream(payload) ? Readable.fromWeb(payload) : payload as Body
}

export function streamOf (body: Body): Readable {
  return isStream(body) ? body : Readable.from([Buffer.from(body as Buffer)], { objectMode: false })
}

/** Takes headers out, whichever way they were set. */
export function dropHeaders (reply: FastifyReply, names: readonly string[]): void {
  for (const name of names) {
    if (reply.getHeader(name) === undefined && !reply.raw.hasHeader(name)) continue
    reply.removeHeader(name)
    reply.raw.removeHeader(name)
  }
}

/** Makes the reply a 304 and gives the payload to send. The body is discarded unread. */
export function sendNotModified (reply: FastifyReply, { method, body }: Document): unknown {
  reply.code(304)
  dropHeaders(reply, ['content-length', 'content-type', 'content-encoding', 'content-language'])
  if (isStream(body)) body.on('error', () => {}).destroy()
  else if (isWebStream(body)) body.cancel().catch(() => {})
  // Fastify's own HEAD routes need a payload that is a stream.
  return method === 'HEAD' ? Readable.from([]) : null
}

function isWebStream (payload: unknown): payload is ReadableStream {
  return typeof payload === 'object' && payload !== null && 'getReader' in payload && 'locked' in payload && payload.locked === false
}

function isResponse (payload: unknown): payload is Response {
  return typeof payload === 'object' && payload !== null && Object.prototype.toString.call(payload) === '[object Response]'
}
