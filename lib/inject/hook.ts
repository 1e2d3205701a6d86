// request -> reply -> injection: the whole story. What decides is pure and beside it; here requests and replies are read and written.
import type { Readable } from 'node:stream'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Stamp } from '../../types/message.js'
import type { Settings } from '../options.js'
import { asksForDocument, decide, isHtml, mayBeDocument, NOT_HTML } from './decide.js'
import { createExplainer } from './explain.js'
import type { Rules } from './insert.js'
import { createInserter } from './inserter.js'
import { addLength, describe, drop, isOptedOut, isRead, isStream, kindOf, notModified } from './reply.js'
import type { Headers } from './reply.js'
import { injectInto } from './stream.js'
import { hasConditions, isUnchanged, restoreConditions, stampTag, takeConditions } from './validators.js'
import type { Conditions } from './validators.js'

export interface InjectionParts {
  readonly settings: Pick<Settings, 'inject' | 'cacheControl'>
  /** What is newest now. */
  stamp (): Stamp
  /** The whole script element; `posted` for an answer to a form. */
  tag (stamp: Stamp, posted?: boolean): string
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

// They describe the bytes as they were before.
const STALE = ['last-modified', 'accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest']
const LENGTH = ['content-length']

/** Adds the client to HTML documents on their way out, and `Cache-Control` to pages and files that have none. */
export function addInjection (app: FastifyInstance, parts: InjectionParts): void {
  const { inject, cacheControl } = parts.settings
  const sayCacheControl = (request: FastifyRequest, reply: FastifyReply, headers: Headers): void => {
    if (cacheControl !== false && headers['cache-control'] === undefined && isRead(request)) reply.header('cache-control', cacheControl)
  }
  if (inject === false) {
    app.addHook('onSend', (request, reply, payload, done) => {
      if (isPageOrFile(reply) && !isOptedOut(request)) sayCacheControl(request, reply, reply.getHeaders())
      done(null, payload)
    })
    return
  }

  const { position, when } = inject
  const explain = createExplainer(parts.log)
  const readers = createInserter(parts)
  const posters = createInserter({ stable: parts.stable, tag: stamp => parts.tag(stamp, true) })
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
    const asked = request[kAsked]
    // Hooks after ours may compare by themselves.
    if (asked?.conditions !== undefined) restoreConditions(request.raw.headers, asked.conditions)
    else if (!isPageOrFile(reply)) {
      explain.refused(request, NOT_HTML)
      return done(null, payload)
    }
    const headers = reply.getHeaders()
    if (isOptedOut(request)) {
      explain.refused(request, 'its route says liveReload: false')
      return done(null, payload)
    }
    sayCacheControl(request, reply, headers)

    const reason = change(request, reply, headers, payload, asked?.stamp ?? parts.stamp(), done)
    if (reason === undefined) return
    explain.refused(request, reason)
    // The app would have said 304 itself, had it seen the conditions.
    const held = asked?.conditions !== undefined && kindOf(payload) !== 'other' && isHeld(request, reply, headers.etag, headers['last-modified'])
    done(null, held ? notModified(request, reply, payload) : payload)
  })

  // Sends the page with the client in it, or gives the reason why not.
  function change (request: FastifyRequest, reply: FastifyReply, headers: Headers, payload: unknown, stamp: Stamp, send: Send): string | undefined {
    const decision = decide(describe(request, reply.statusCode, headers, payload))
    if (!decision.inject) return decision.reason
    const refusal = refusalOf(request, reply)
    if (refusal !== undefined) return refusal
    const rules = decision.navigation ? navigation : perhaps

    const inserter = isRead(request) ? readers : posters
    // What `decide` lets through is a stream, a string or a Buffer.
    const inserted = isStream(payload) ? undefined : inserter.insert(payload as string | Buffer, stamp, rules)
    if (inserted !== undefined && 'reason' in inserted) return inserted.reason
    const etag = stampTag(headers.etag, headers['last-modified'], stamp)
    drop(reply, headers, STALE)
    if (etag !== undefined) reply.header('etag', etag)

    if (isHeld(request, reply, etag)) send(null, notModified(request, reply, payload))
    else if (inserted === undefined) send(null, flow(request, reply, headers, payload as Readable, inserter.bytes(stamp), rules))
    else {
      drop(reply, headers, LENGTH)
      send(null, inserted.html)
    }
    return undefined
  }

  // What only the app knows.
  function refusalOf (request: FastifyRequest, reply: FastifyReply): string | undefined {
    if (!parts.trusted(request)) return 'its Host is not allowed'
    try {
      return when === undefined || when(request, reply) ? undefined : 'inject.when says no'
    } catch (error) {
      explain.failed(request, error)
      return 'inject.when threw'
    }
  }

  function flow (request: FastifyRequest, reply: FastifyReply, headers: Headers, source: Readable, tag: Buffer, rules: Rules): Readable {
    // Nobody can tell what is in it: a HEAD has no content.
    if (request.method === 'HEAD') {
      drop(reply, headers, LENGTH)
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

/** What changes while one develops. */
function isPageOrFile (reply: FastifyReply): boolean {
  return isHtml(reply.getHeader('content-type')) || reply.hasHeader('last-modified')
}

function isHeld (request: FastifyRequest, reply: FastifyReply, etag: unknown, lastModified?: unknown): boolean {
  return reply.statusCode === 200 && isRead(request) && isUnchanged(request.raw.headers, etag, lastModified)
}
