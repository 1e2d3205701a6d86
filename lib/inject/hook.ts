// request -> reply -> injection: the whole story. What decides is pure and beside it; here requests and replies are read and written.
import type { Readable } from 'node:stream'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Stamp } from '../../types/message.js'
import type { Settings } from '../options/settings.js'
import { callSafely } from '../shared/call.js'
import { asksForDocument, decide, mayBeDocument, NOT_HTML } from './decide.js'
import type { Found } from './decide.js'
import { openEncoded } from './body/encoded.js'
import { createExplainer } from './explain.js'
import { judge } from './body/insert.js'
import { createInserter } from './body/inserter.js'
import type { Target } from './body/inserter.js'
import { openPolicies } from './csp/policies.js'
import { bodyOf, describe, drop, isOptedOut, isPageOrFile, isRead, isStream, kindOf, look, notModified, streamOf } from './reply.js'
import type { Body, Given, Headers } from './reply.js'
import { injectInto } from './body/stream.js'
import type { CreateTag } from './tag.js'
import { createTransforms, isUtf8 } from './body/transform.js'
import { hasConditions, isUnchanged, restoreConditions, stampTag, takeConditions } from './validators.js'
import type { Conditions } from './validators.js'

export interface InjectionParts {
  readonly settings: Pick<Settings, 'inject' | 'cacheControl' | 'transform'>
  /** Where our own routes are: `/__live/`. */
  readonly base: string
  /** What is newest now. */
  stamp (): Stamp
  /** The whole script element. */
  readonly tag: CreateTag
  /** False: the Host is not allowed, and the token in the tag must not leak. */
  trusted (request: FastifyRequest): boolean
  /** Says beside a page what the client in it has to know. `made`: by the app, of whatever it reads; false: it may be a file as it is. */
  tell (request: FastifyRequest, reply: FastifyReply, made: boolean): void
  readonly log: FastifyBaseLogger
}

/** What is known when a request begins. */
interface Asked {
  /** Taken then, because a handler may read a template before a change and answer after it. */
  readonly stamp: Stamp
  readonly conditions: Conditions | undefined
}

/** A document on its way out. */
interface Page extends Target {
  readonly found: Found
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly given: Given
  readonly etag: string | undefined
  /** Headers of policies that had to be opened for the client. */
  readonly headers: Readonly<Record<string, string>>
}

const kAsked = Symbol('fastify-live-reload.asked')
type Request = FastifyRequest & { [kAsked]?: Asked | null }
type Send = (error: Error | null, payload?: unknown) => void

// They describe the bytes as they were before.
const STALE = ['etag', 'last-modified', 'accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest']
const LENGTH = ['content-length']
const ENCODED = ['content-encoding', 'content-length']

/** Adds the client to HTML documents on their way out, and `Cache-Control` to pages and files that have none. */
export function addInjection (app: FastifyInstance, parts: InjectionParts): void {
  const { inject, cacheControl, transform } = parts.settings
  const explain = createExplainer(parts.log)
  const inserter = createInserter(parts)
  const transforms = createTransforms(transform, explain.broken)
  // `app.liveReload.transform()` adds to the list while the app runs.
  const changes = () => inject !== false || transform.length > 0

  app.decorateRequest(kAsked, null)

  app.addHook('onRequest', (request: Request, _reply, done) => {
    const { headers } = request.raw
    if (changes() && mayBeDocument(headers)) {
      const conditional = hasConditions(headers) && isRead(request) && asksForDocument(headers) && !isOptedOut(request)
      request[kAsked] = { stamp: parts.stamp(), conditions: conditional ? takeConditions(headers) : undefined }
    }
    done()
  })

  app.addHook('onSend', (request: Request, reply, payload: unknown, done) => {
    const asked = request[kAsked]
    // Hooks after ours may compare by themselves.
    if (asked?.conditions !== undefined) restoreConditions(request.raw.headers, asked.conditions)
    else if (!isPageOrFile(request, reply, payload)) {
      explain.refused(request, NOT_HTML)
      return done(null, payload)
    }
    const given = look(reply, payload)
    if (isOptedOut(request)) {
      explain.refused(request, 'its route says liveReload: false')
      return done(null, payload)
    }
    sayCacheControl(request, reply, given.headers)

    const reason = changes() ? change(request, reply, given, asked?.stamp ?? parts.stamp(), done) : 'inject is false'
    if (reason === undefined) return
    explain.refused(request, reason)
    // The app would have said 304 itself, had it seen the conditions.
    const held = asked?.conditions !== undefined && kindOf(given.body) !== 'other' && isHeld(request, given.status, given.headers.etag, given.headers['last-modified'])
    done(null, held ? notModified(request, reply, given.body) : payload)
  })

  function sayCacheControl (request: FastifyRequest, reply: FastifyReply, headers: Headers): void {
    if (cacheControl !== false && headers['cache-control'] === undefined && isRead(request)) reply.header('cache-control', cacheControl)
  }

  // Sends the page with the client in it, at once or when its beginning is known, or gives the reason why not.
  function change (request: FastifyRequest, reply: FastifyReply, given: Given, stamp: Stamp, send: Send): string | undefined {
    const found = decide(describe(request, given))
    if (!found.inject) return found.reason
    if (reply.raw.headersSent) return 'its headers are sent'
    const refusal = refusalOf(request, reply)
    if (refusal !== undefined) return refusal
    const { policy, headers, refusal: sandboxed } = openPolicies(request, given.headers, { base: parts.base, opened: explain.opened, late: explain.late })
    if (sandboxed !== undefined) return sandboxed
    // A copy has the nonce of another reply.
    const etag = policy.nonce === undefined ? stampTag(given.headers.etag, given.headers['last-modified'], stamp) : undefined
    const page: Page = { request, reply, given, found, etag, headers, policy, stamp, position: inject === false ? undefined : inject.position, posted: !isRead(request) }

    if (isHeld(request, given.status, etag)) {
      settle(page)
      send(null, notModified(request, reply, given.body))
    } else if (found.encoding !== undefined || transform.length > 0) {
      prepare(page, bodyOf(given.body)).then(({ body, reason }) => {
        const refused = reason ?? deliver(page, body, send)
        if (refused === undefined) return
        explain.refused(request, refused)
        given.adopt()
        send(null, body)
      }).catch(send)
    } else {
      return deliver(page, bodyOf(given.body), send)
    }
    return undefined
  }

  // What only the app knows.
  function refusalOf (request: FastifyRequest, reply: FastifyReply): string | undefined {
    if (!parts.trusted(request)) return 'its Host is not allowed'
    if (inject === false || inject.when === undefined) return undefined
    const { when } = inject
    let failed = false
    const answer = callSafely(() => when(request, reply), error => {
      failed = true
      explain.failed(request, error)
    })
    if (failed) return 'inject.when threw'
    return answer ? undefined : 'inject.when says no'
  }

  // Decodes, and lets the app's own transformers at it. With a reason: it is as it came.
  async function prepare ({ request, reply, given, found }: Page, body: Body): Promise<{ body: Body, reason?: string }> {
    if (request.method === 'HEAD') body = streamOf(body)
    else if (found.encoding !== undefined) {
      const source = streamOf(body)
      reply.raw.once('close', () => source.destroy())
      const opened = await openEncoded(source, found.encoding, first => judge(first, found))
      if ('reason' in opened) return { body: opened.raw, reason: opened.reason }
      body = opened.plain
    } else if (!isStream(body)) {
      const reason = judge(Buffer.from(body as Buffer), found)
      if (reason !== undefined) return { body, reason }
    }
    given.adopt()
    drop(reply, reply.getHeaders(), ENCODED)
    return { body: request.method === 'HEAD' ? body : await transforms.run(body, { request, reply, url: request.url }, isUtf8(given.headers['content-type'])) }
  }

  function deliver (page: Page, body: Body, send: Send): string | undefined {
    const { reply } = page
    if (page.position === undefined) {
      settle(page)
      send(null, body)
    } else if (isStream(body)) {
      settle(page)
      send(null, flow(page, body))
    } else {
      const inserted = inserter.insert(body, page)
      if ('reason' in inserted) return inserted.reason
      settle(page)
      drop(reply, reply.getHeaders(), LENGTH)
      send(null, inserted.html)
    }
    return undefined
  }

  function flow (page: Page, source: Readable): Readable {
    const { request, reply } = page
    // Nobody can tell what is in it: a HEAD has no content.
    if (request.method === 'HEAD') {
      drop(reply, reply.getHeaders(), LENGTH)
      return source
    }
    return injectInto(source, inserter.rules(page, reason => {
      if (reason !== undefined) explain.refused(request, reason)
      // Before the first byte leaves. What policies in the document will take is not known yet.
      else drop(reply, reply.getHeaders(), LENGTH)
    }))
  }

  // Says in headers what the page is now.
  function settle ({ request, reply, given, etag, headers, position }: Page): void {
    given.adopt()
    drop(reply, reply.getHeaders(), STALE)
    if (etag !== undefined) reply.header('etag', etag)
    reply.headers(headers)
    if (position !== undefined) parts.tell(request, reply, isMade(given.body))
  }

  // Transformers and hooks before ours read what they like. Files that are not sent from memory are streams, and so is what compresses them.
  function isMade (body: unknown): boolean {
    return transform.length > 0 || kindOf(body) !== 'stream'
  }
}

function isHeld (request: FastifyRequest, status: number, etag: unknown, lastModified?: unknown): boolean {
  return status === 200 && isRead(request) && isUnchanged(request.raw.headers, etag, lastModified)
}
