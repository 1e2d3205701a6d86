// Puts the import map of the app's libraries into its HTML documents, on and off. The same hook for both: what works in development works in production.
import type { Readable } from 'node:stream'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { openEncoded } from '../body/encoded.js'
import { FOREIGN, isForeign } from '../body/insert.js'
import { allowImportMap } from '../csp/inline.js'
import { adoptResponse, dropHeaders, isPage, kindOf, nodeBodyOf, readDocument, sendNotModified, STALE, streamOf, type Document } from '../document.js'
import { isFresh, stampEtag } from '../etag.js'
import { encodingOf, refusalOfReply } from '../refusal.js'
import { applyToBytes, applyToText, MapEditor, streamFrom, type Edit } from './edit.js'
import type { ImportMap } from './merge.js'

export interface ImportMapParts {
  readonly map: ImportMap
  /** The address of the files: `/__libraries/`. */
  readonly base: string
  readonly log: FastifyBaseLogger
}

/** One document on its way out. */
interface Outgoing {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly payload: unknown
  readonly document: Document
}

export function addImportMap (app: FastifyInstance, { map, base, log }: ImportMapParts): void {
  const writer = new Writer(new MapEditor(map), base, log)
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (!isPage(reply, payload) || request.routeOptions.config?.importMap === false || reply.raw.headersSent) return done(null, payload)
    const document = readDocument(request, reply, payload, writer.stamp)
    const reason = refusalOfReply(document)
    if (reason !== undefined) return done(null, writer.leave(reason, { request, reply, payload, document }))
    const out = { request, reply, payload, document }
    if (kindOf(document.body) !== 'stream' && encodingOf(document) === undefined) return done(null, writer.write(out))
    if (request.method === 'HEAD') return done(null, writer.writeHead(out))
    writer.writeStream(out).then(changed => done(null, changed), done)
  })
}

class Writer {
  readonly #editor: MapEditor
  readonly #base: string
  readonly #log: FastifyBaseLogger
  /** Part of the ETag of every document: another map is another document. */
  readonly stamp: Document['stamp']
  #warned = false

  constructor (editor: MapEditor, base: string, log: FastifyBaseLogger) {
    this.#editor = editor
    this.#base = base
    this.#log = log
    this.stamp = `${editor.hash.slice(7, 23)}:0`
  }

  /** For strings and bytes. */
  write (out: Outgoing): unknown {
    const { body } = out.document
    if (typeof body === 'string') {
      const edit = this.#editor.ofText(body)
      return typeof edit === 'string' ? this.leave(edit, out) : this.#finish(out, edit.hash, applyToText(body, edit))
    }
    const edit = this.#editor.ofBytes(body as Buffer)
    return typeof edit === 'string' ? this.leave(edit, out) : this.#finish(out, edit.hash, applyToBytes(body as Buffer, edit))
  }

  /** There is no content to read: a HEAD request gets the headers that most pages get. */
  writeHead (out: Outgoing): unknown {
    adoptResponse(out.reply, out.payload)
    dropHeaders(out.reply, ['content-encoding'])
    return this.#finish(out, this.#editor.hash, out.payload)
  }

  async writeStream (out: Outgoing): Promise<unknown> {
    const source = await this.#open(out)
    if (typeof source === 'object' && 'raw' in source) return source.raw
    out.reply.raw.once('close', () => source.plain.destroy())
    const { edit, first, rest } = await this.#editor.ofStream(source.plain)
    if (typeof edit === 'string') return this.leave(edit, out, streamFrom(first, rest, source.plain))
    const length = Number(out.document.headers['content-length'])
    const changed = streamFrom(applyToBytes(first, edit), rest, source.plain)
    const sent = this.#finish(out, edit.hash, changed)
    if (sent === changed && !source.decoded && length > 0) out.reply.header('content-length', length + lengthened(edit))
    if (sent !== changed) changed.destroy()
    return sent
  }

  /** The payload as it came. Its bytes may have been read. */
  leave (reason: string, { request, reply, payload }: Outgoing, body = payload): unknown {
    request.log.debug({ reason }, 'live reload: this document gets no import map')
    if (body !== payload) adoptResponse(reply, payload)
    return body
  }

  async #open (out: Outgoing): Promise<{ readonly plain: Readable, readonly decoded: boolean } | { readonly raw: unknown }> {
    const { reply, payload, document } = out
    const encoding = encodingOf(document)
    const source = streamOf(nodeBodyOf(document.body))
    if (encoding === undefined) return { plain: source, decoded: false }
    reply.raw.once('close', () => source.destroy())
    const opened = await openEncoded(source, encoding, first => isForeign(first) ? FOREIGN : undefined)
    if ('reason' in opened) return { raw: this.leave(opened.reason, out, opened.raw) }
    adoptResponse(reply, payload)
    dropHeaders(reply, ['content-encoding', 'content-length'])
    if (!this.#warned) this.#log.warn('live reload: pages were compressed before they got their import map, and are sent uncompressed; register @fastify/compress after fastify-live-reload')
    this.#warned = true
    return { plain: opened.plain, decoded: true }
  }

  /** Makes the headers those of the changed document. Gives the payload to send. */
  #finish ({ reply, payload, document }: Outgoing, hash: string, changed: unknown): unknown {
    const etag = stampEtag(document.headers, this.stamp)
    adoptResponse(reply, payload)
    dropHeaders(reply, [...STALE, 'content-length'])
    if (etag !== undefined) reply.header('etag', etag)
    reply.headers(allowImportMap(document, this.#base, hash))
    return isFresh(document, etag) ? sendNotModified(reply, { ...document, body: changed }) : changed
  }
}

function lengthened ({ from, to, text }: Edit): number {
  return text.length - (to - from)
}
