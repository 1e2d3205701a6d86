// request -> reply -> injection: the whole story. What decides is pure and beside it; here requests and replies are read and written.
import type { Readable } from 'node:stream'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Stamp } from '../../types/message.js'
import type { Settings } from '../options.js'
import { asksForDocument, decide, isHtml, mayBeDocument } from './decide.js'
import { createExplainer } from './explain.js'
import type { Rules } from './insert.js'
import { createInserter } from './inserter.js'
import { addLength, describe, drop, isOptedOut, isRead, isStream, kindOf, notModified } from './reply.js'
import { injectInto } from './stream.js'
import { hasConditions, isUnchanged, restoreConditions, stampTag, takeConditions } from './validators.js'
import type { Conditions } from './validators.js'

export interface InjectionParts {
  readonly settings: Pick<Settings, 'inject' | 'cacheControl'>
  /** What is newest now. */
  stamp (): Stamp
  /** The whole script element. */
  tag (stamp: Stamp): string
  /** False: the Host is not allowed, and the token in the tag must not leak. */
  trusted (request: FastifyRequest): boolean
  /** True for Buffers that never change: what is made from them may be kept. */
  stable (payload: Buffer): boolean
  readonly log: FastifyBaseLogger
}

/** What is known when a request begins. */
interface Asked {
  /** Taken then, because a handler may read a template before a change and answer after it. */
  readonly stamp: Stamp
  readonly conditions: Conditions | undefined
}

const kAsked = Symbol('fastify-live-reload.asked')
type Request = FastifyRequest & { [kAsked]?: Asked | null }
type Send = (error: null, payload: unknown) => void

const NOTHING: Partial<Asked> = {}

// They describe the bytes as they were before.
const STALE = ['last-modified', 'accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest']
const LENGTH = ['content-length']

/** Adds the client to HTML documents on their way out, and `Cache-Control` to pages and files that have none. */
export function addInjection (app: FastifyInstance, parts: InjectionParts): void {
  const { inject, cacheControl } = parts.settings
  if (cacheControl !== false) {
    app.addHook('onSend', (request, reply, payload, done) => {
      if (lacksCacheControl(request, reply)) reply.header('cache-control', cacheControl)
      done(null, payload)
    })
  }
  if (inject === false) return

  const { position, when } = inject
  const explain = createExplainer(parts.log)
  const inserter = createInserter(parts)
  const perhaps: Rules = { position, navigation: false }
  const navigation: Rules = { position, navigation: true }

  app.decorateRequest(kAsked, null)

  app.addHook('onRequest', (request: Request, _reply, done) => {
    const { headers } = request.raw
    if (mayBeDocument(headers)) {
      const conditional = hasConditions(headers) && isRead(request) && asksForDocument(headers) && !isOptedOut(request)
      request[kAsked] = { stamp: parts.stamp(), conditions: conditional ? takeConditions(headers) : undefined }
    }
    done()
  })

  app.addHook('onSend', (request: Request, reply, payload: unknown, done) => {
    const { stamp = parts.stamp(), conditions } = request[kAsked] ?? NOTHING
    // Hooks after ours may compare by themselves.
    if (conditions !== undefined) restoreConditions(request.raw.headers, conditions)
    const reason = change(request, reply, payload, stamp, done)
    if (reason === undefined) return
    explain.refused(request, reason)
    // The app would have said 304 itself, had it seen the conditions.
    done(null, conditions !== undefined && isHeld(request, reply) && kindOf(payload) !== 'other' ? notModified(request, reply, payload) : payload)
  })

  // Sends the page with the client in it, or gives the reason why not.
  function change (request: FastifyRequest, reply: FastifyReply, payload: unknown, stamp: Stamp, send: Send): string | undefined {
    if (!isHtml(reply.getHeader('content-type'))) return 'its content type is not text/html'
    const decision = decide(describe(request, reply, payload))
    if (!decision.inject) return decision.reason
    const refusal = refusalOf(request, reply)
    if (refusal !== undefined) return refusal
    const rules = decision.navigation ? navigation : perhaps

    // What `decide` lets through is a stream, a string or a Buffer.
    const inserted = isStream(payload) ? undefined : inserter.insert(payload as string | Buffer, stamp, rules)
    if (inserted !== undefined && 'reason' in inserted) return inserted.reason
    restamp(reply, stamp)
    if (isHeld(request, reply)) send(null, notModified(request, reply, payload))
    else if (inserted === undefined) send(null, flow(request, reply, payload as Readable, inserter.bytes(stamp), rules))
    else {
      drop(reply, LENGTH)
      send(null, inserted.html)
    }
    return undefined
  }

  // What only the app knows.
  function refusalOf (request: FastifyRequest, reply: FastifyReply): string | undefined {
    if (isOptedOut(request)) return 'its route says liveReload: false'
    if (!parts.trusted(request)) return 'its Host is not allowed'
    try {
      return when === undefined || when(request, reply) ? undefined : 'inject.when says no'
    } catch (error) {
      explain.failed(request, error)
      return 'inject.when threw'
    }
  }

  function flow (request: FastifyRequest, reply: FastifyReply, source: Readable, tag: Buffer, rules: Rules): Readable {
    // Nobody can tell what is in it: a HEAD has no content.
    if (request.method === 'HEAD') {
      drop(reply, LENGTH)
      return source
    }
    const undo = addLength(reply, tag.length)
    const decided = (reason?: string) => {
      if (reason === undefined) return
      undo()
      explain.refused(request, reason)
    }
    return injectInto(source, { ...rules, tag, decided })
  }
}

/** A page, or a file: both change while one develops. */
function lacksCacheControl (request: FastifyRequest, reply: FastifyReply): boolean {
  return isRead(request) && !reply.hasHeader('cache-control') &&
    (isHtml(reply.getHeader('content-type')) || reply.hasHeader('last-modified')) && !isOptedOut(request)
}

/** The validators of the page as it is now. */
function restamp (reply: FastifyReply, stamp: Stamp): void {
  const etag = stampTag(reply.getHeader('etag'), reply.getHeader('last-modified'), stamp)
  drop(reply, STALE)
  if (etag !== undefined) reply.header('etag', etag)
}

function isHeld (request: FastifyRequest, reply: FastifyReply): boolean {
  return isRead(request) && reply.statusCode === 200 &&
    isUnchanged(request.raw.headers, reply.getHeader('etag'), reply.getHeader('last-modified'))
}
