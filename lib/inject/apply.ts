// request -> reply -> injection, second half: does what was planned, and gives the payload to send.
import { ReadStream } from 'node:fs'
import { finished, type Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Stamp } from '../../types/message.js'
import { openEncoded } from './body/encoded.js'
import { insertBytes, judgeStart, type Injection } from './body/insert.js'
import { injectInto } from './body/stream.js'
import { isUtf8, type Transforms } from './body/transform.js'
import { adoptResponse, nodeBodyOf, dropHeaders, isStream, sendNotModified, STALE, streamOf, type Body, type Document } from './document.js'
import type { Explainer } from './explain.js'
import type { InsertMemo } from './memo.js'
import { addPageTiming } from './page-timing.js'
import type { PageEdits, Plan } from './plan.js'
import type { CreateTag } from './tag.js'

/** What applying needs beside the plan: the same for all replies. */
export interface ApplyContext {
  /** `undefined`: pages get no tag, only what the transformers make of them. */
  readonly position: Injection['position'] | undefined
  readonly tag: CreateTag
  /** The content of a payload that is a stream, but has been read already. */
  readonly contentOf: (payload: unknown) => Buffer | undefined
  readonly transforms: Transforms
  readonly explain: Explainer
  readonly memo: InsertMemo
  /** The newest change of files that the app reads itself. */
  readonly changedSeq: () => number
}

/** One reply on its way out. */
export interface Outgoing {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly document: Document
  /** What the hook was given; `document.body` is what is in it. */
  readonly payload: unknown
  /** It says itself what it was made from. */
  readonly named: boolean
}

/** Files up to this size are read at once, which is cheaper than a stream. */
const MAX_BUFFERED_BYTES = 256 * 1024

type AcceptedPlan = Exclude<Plan, { action: 'refuse' }>

/** `body` is what `prepare` has made of it, where that was needed. */
export function apply ({ action, page }: AcceptedPlan, out: Outgoing, context: ApplyContext, body = bodyOf(out, context)): unknown {
  for (const change of page.policies.changes) context.explain.policyExtended(out.request, change)
  if (action === 'inject') return insert(page, body, out, context)
  setPageHeaders(page, out, context)
  return sendNotModified(out.reply, out.document)
}

/** True when the body has to be read before the tag can be inserted. */
export function needsPreparing ({ action, page }: AcceptedPlan, { request, document }: Outgoing, { transforms }: ApplyContext): boolean {
  return action === 'inject' && request.method !== 'HEAD' && (page.encoding !== undefined || !transforms.isEmpty || isSmallFile(document))
}

/** Decodes the body, and gives it to the transformers. `refused`: it is as it came. */
export async function prepare ({ page }: AcceptedPlan, out: Outgoing, context: ApplyContext): Promise<{ readonly body: Body, readonly refused: boolean }> {
  const { transforms, explain } = context
  let body = bodyOf(out, context)
  if (page.encoding !== undefined) {
    const source = streamOf(body)
    out.reply.raw.once('close', () => source.destroy())
    const opened = await openEncoded(source, page.encoding, first => judgeStart(first, page))
    if ('reason' in opened) return { body: leaveAsIs(opened.reason, out, opened.raw, explain), refused: true }
    body = opened.plain
  } else if (isSmallFile(out.document)) {
    body = await collect(body as Readable)
  }
  const willTransform = !transforms.isEmpty && isUtf8(out.document.headers['content-type'])
  const reason = willTransform && !isStream(body) ? judgeStart(Buffer.from(body as Buffer), page) : undefined
  if (reason !== undefined) return { body: leaveAsIs(reason, out, body, explain), refused: true }
  if (page.encoding !== undefined || willTransform) dropEncodingHeaders(out)
  return { body: willTransform ? await transforms.run(body, { request: out.request, reply: out.reply, url: out.request.url }) : body, refused: false }
}

function bodyOf ({ document }: Outgoing, { contentOf }: ApplyContext): Body {
  return contentOf(document.body) ?? nodeBodyOf(document.body)
}

/** As `buffer()` of Node does, but without a Blob: for small files that is most of the time. */
function collect (source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve, reject) => {
    // Of a stream that was destroyed there is no other event.
    finished(source, error => {
      if (error) reject(error)
      else resolve(chunks.length === 1 ? chunks[0] as Buffer : Buffer.concat(chunks))
    })
    // With an encoding it gives strings, which Node would send as UTF-8.
    source.on('data', (chunk: Buffer | string) => chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
  })
}

function insert (page: PageEdits, body: Body, out: Outgoing, context: ApplyContext): unknown {
  const { position } = context
  // A HEAD request has no content to decode, so nothing has prepared it.
  if (page.encoding !== undefined) dropEncodingHeaders(out)
  if (position === undefined) {
    setPageHeaders(page, out, context)
    return body
  }
  const { stamp, status } = out.document
  const remark = typeof body === 'string' && status < 400 && isAsBefore(body, stamp, context) ? ' (nothing changed: a template cache?)' : undefined
  const injection = { position, navigation: page.navigation, tag: context.tag(stamp, { posted: page.posted, status, remark, nonce: page.policies.nonce }) }
  if (isStream(body)) {
    setPageHeaders(page, out, context)
    return insertInStream(body, injection, out, context)
  }
  const inserted = typeof body === 'string' ? context.memo.insert(body, injection, seqOf(stamp)) : insertBytes(body, injection)
  if ('reason' in inserted) return leaveAsIs(inserted.reason, out, body, context.explain)
  setPageHeaders(page, out, context)
  dropHeaders(out.reply, ['content-length'])
  return inserted.html
}

/** The app's files have changed since it made the very same page. */
function isAsBefore (html: string, stamp: Stamp, { memo, changedSeq }: ApplyContext): boolean {
  const madeSeq = memo.madeSeq(html)
  return madeSeq !== undefined && madeSeq < changedSeq() && changedSeq() <= seqOf(stamp)
}

function seqOf (stamp: Stamp): number {
  return Number(stamp.slice(stamp.lastIndexOf(':') + 1))
}

function insertInStream (source: Readable, injection: Injection, { request, reply }: Outgoing, { explain }: ApplyContext): Readable {
  const dropLength = () => dropHeaders(reply, ['content-length'])
  if (request.method === 'HEAD') {
    // There is no content to judge.
    dropLength()
    return source
  }
  return injectInto(source, injection, {
    decided: reason => reason === undefined ? dropLength() : explain.refused(request, reason),
    failed: reason => explain.refused(request, reason)
  })
}

/** `body` holds the bytes of the payload, which may have been read. */
function leaveAsIs (reason: string, { request, reply, payload }: Outgoing, body: Body, explain: Explainer): Body {
  explain.refused(request, reason)
  adoptResponse(reply, payload)
  return body
}

function isSmallFile ({ body, headers: { 'content-length': length } }: Document): boolean {
  return body instanceof ReadStream && Number(length) <= MAX_BUFFERED_BYTES
}

function dropEncodingHeaders ({ reply, payload }: Outgoing): void {
  adoptResponse(reply, payload)
  dropHeaders(reply, ['content-encoding', 'content-length'])
}

/** Makes the headers those of the changed page. */
function setPageHeaders ({ etag, policies, encoding }: PageEdits, { request, reply, document: { body }, payload, named }: Outgoing, { position, transforms, contentOf }: ApplyContext): void {
  adoptResponse(reply, payload)
  dropHeaders(reply, STALE)
  if (etag !== undefined) reply.header('etag', etag)
  reply.headers(policies.headers)
  if (position === undefined) return
  // What is encoded was a file before @fastify/compress or the like had it.
  const isFile = body instanceof ReadStream || contentOf(body) !== undefined || (isStream(body) && encoding !== undefined)
  addPageTiming(request, reply, !named && (!isFile || !transforms.isEmpty))
}
