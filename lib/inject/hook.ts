// Adds the client to HTML documents, and `Cache-Control` to pages and files that have none, or that browsers would keep. The hooks only: what happens to a reply is in `plan.ts` and `apply.ts`.
import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Stamp } from '../../types/message.js'
import type { InjectOptions } from '../../types/options.js'
import type { Settings } from '../options/settings.js'
import { apply, needsPreparing, prepare, type ApplyContext } from './apply.js'
import { isKeptTooLong, isPageOrFile, isSafe, readDocument, type Document } from './document.js'
import { createExplainer, type Explainer } from './explain.js'
import { InsertMemo } from './memo.js'
import { addPageName } from './page-timing.js'
import { plan, type Plan } from './plan.js'
import { NOT_HTML } from './refusal.js'
import type { CreateTag } from './tag.js'
import { Transforms } from './body/transform.js'

export interface InjectionParts {
  /** `transform` may grow and shrink while the app runs. */
  readonly settings: Pick<Settings, 'inject' | 'cacheControl' | 'transform'>
  /** Where the plugin's own routes are: `/__live/`. */
  readonly base: string
  /** The newest change. */
  stamp (): Stamp
  /** The newest change of files that the app reads itself: templates, but no files of a root. */
  changedSeq (): number
  /** Writes the whole script element. */
  readonly tag: CreateTag
  /** The content of a file that has been read for this reply, though its payload is a stream. */
  contentOf? (payload: unknown): Buffer | undefined
  /** False: the Host is not allowed, and the token in the tag must not leak. */
  isHostAllowed (request: FastifyRequest): boolean
  /** What a page calls the files that it says it was made from. @default no page says so */
  pageName? (reply: FastifyReply): string | undefined
  readonly log: FastifyBaseLogger
}

const kStamp = Symbol('fastify-live-reload.stamp')
type Request = FastifyRequest & { [kStamp]?: Stamp | null }

export function addInjection (app: FastifyInstance, parts: InjectionParts): void {
  const { inject, transform } = parts.settings
  const explain = createExplainer(parts.log)
  const transforms = new Transforms(transform, explain.transformFailed)
  const changesPages = () => inject !== false || !transforms.isEmpty
  const { tag, changedSeq, contentOf = () => undefined } = parts
  const context: ApplyContext = { position: inject === false ? undefined : inject.position, tag, contentOf, transforms, explain, memo: new InsertMemo(), changedSeq }

  app.decorateRequest(kStamp, null)
  app.addHook('onRequest', (request: Request, _reply, done) => {
    request[kStamp] = parts.stamp()
    done()
  })
  app.addHook('onSend', (request: Request, reply, payload: unknown, done) => {
    // What has changed since the request came may be in this page or not, so it does not say what it was made from.
    const name = request[kStamp] === parts.stamp() && !isLeftAlone(request) ? parts.pageName?.(reply) : undefined
    if (name !== undefined) addPageName(request, reply, name)
    // A hook before ours may have replied.
    const document = isPageOrFile(reply, payload) ? readDocument(request, reply, payload, request[kStamp] ?? parts.stamp()) : undefined
    const refuse = (reason: string) => {
      explain.refused(request, reason)
      done(null, payload)
    }
    if (document === undefined) return refuse(NOT_HTML)
    const planned = planReply(document, request, reply, parts, changesPages(), explain)
    if (planned.action === 'refuse') return refuse(planned.reason)
    const out = { request, reply, document, payload, named: name !== undefined }
    if (!needsPreparing(planned, out, context) && !hasWhen(inject)) return done(null, apply(planned, out, context))
    isWanted(request, reply, inject, explain).then(async wanted => {
      if (!wanted) return payload
      if (!needsPreparing(planned, out, context)) return apply(planned, out, context)
      const { body, refused } = await prepare(planned, out, context)
      return refused ? body : apply(planned, out, context, body)
    }).then(changed => done(null, changed), done)
  })
}

function planReply (document: Document, request: Request, reply: FastifyReply, { settings: { cacheControl }, base, isHostAllowed }: InjectionParts, changesPages: boolean, explain: Explainer): Plan {
  if (isLeftAlone(request)) return { action: 'refuse', reason: 'its route says liveReload: false' }
  if (cacheControl !== false && isSafe(request.method)) {
    const said = document.headers['cache-control']
    const isTooLong = said !== undefined && isKeptTooLong(document, request.url)
    if (isTooLong) explain.cacheReplaced(request, String(said), cacheControl)
    if (said === undefined || isTooLong) reply.header('cache-control', cacheControl)
  }
  if (!changesPages) return { action: 'refuse', reason: 'inject is false' }
  if (reply.raw.headersSent) return { action: 'refuse', reason: 'its headers are sent' }
  return plan(document, { base, isHostAllowed: () => isHostAllowed(request), createNonce: () => randomBytes(18).toString('base64') })
}

function isLeftAlone (request: FastifyRequest): boolean {
  return request.routeOptions.config?.liveReload === false
}

/** `inject.when` has the last word about what could be injected. */
async function isWanted (request: FastifyRequest, reply: FastifyReply, inject: Settings['inject'], explain: Explainer): Promise<boolean> {
  if (!hasWhen(inject)) return true
  try {
    if (await inject.when(request, reply)) return true
    explain.refused(request, 'inject.when says no')
  } catch (error) {
    explain.whenFailed(request, error)
  }
  return false
}

function hasWhen (inject: Settings['inject']): inject is { position: 'head' | 'body', when: NonNullable<InjectOptions['when']> } {
  return inject !== false && inject.when !== undefined
}
