// Replaces the JSON that Fastify itself answers to a failed navigation by an HTML page. Answers of the app's own handlers stay.
import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LiveReload } from '../../../types/live-reload.js'
import { isForeign, isNavigation, isSecure } from '../../shared/navigation.js'
import { pageHeaders } from '../../shared/own-routes.js'
import { readProblem } from './problem.js'
import { STYLE } from './style.js'
import { writeErrorPage } from './view.js'

export interface ErrorPageParts {
  readonly live: Pick<LiveReload, 'allows' | 'path'>
  /** Directory that paths are shown relative to. */
  readonly cwd: string
  /** Source locations may be opened in an editor. */
  readonly editor: boolean
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'error'>
  /** The app logs its errors itself. */
  readonly logged: boolean
}

const kError = Symbol('fastify-live-reload.error')
type Request = FastifyRequest & { [kError]?: unknown }

const FIELDS = new Set(['statusCode', 'code', 'error', 'message'])
const hash = createHash('sha256').update(STYLE).digest('base64')
// Replaces the app's policy, which is meant for the app's own pages.
const HEADERS = { ...pageHeaders(`'sha256-${hash}'`), 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', vary: 'Accept, Sec-Fetch-Dest' }

/** Must be added before the injection, which puts the client into these pages. */
export function addErrorPages (app: FastifyInstance, { live, cwd, editor, log, logged }: ErrorPageParts): void {
  app.decorateRequest(kError, undefined)

  app.addHook('onError', (request: Request, _reply, error, done) => {
    request[kError] = error
    if (!logged && (error.statusCode ?? 500) >= 500) log.error({ err: error }, `${request.method} ${request.url.replace(/\?.*/s, '')} failed`)
    done()
  })

  app.addHook('onSend', (request: Request, reply, payload: unknown, done) => {
    if (reply.statusCode < 400 || typeof payload !== 'string' || request.routeOptions.config?.liveReload === false) return done(null, payload)
    const error = request[kError]
    if (!isNavigation(request, '') || isStranger(request) || !live.allows(request) || !isFastifysOwn(request, reply, payload, error)) return done(null, payload)
    write(request, reply, error).then(page => done(null, page), failure => {
      // The error itself throws when it is read.
      log.warn({ err: failure as unknown, url: request.url }, 'an error page could not be written: the app\'s own answer is sent')
      done(null, payload)
    })
  })

  async function write (request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<string> {
    const page = writeErrorPage({
      status: reply.statusCode,
      title: STATUS_CODES[reply.statusCode] ?? 'Error',
      method: request.method,
      url: request.url,
      id: request.id,
      problem: error === undefined ? undefined : await readProblem(error, cwd),
      base: `${live.path}/`,
      editor
    })
    for (const name of ['content-length', 'content-security-policy-report-only']) {
      reply.removeHeader(name)
      reply.raw.removeHeader(name)
    }
    reply.headers(HEADERS)
    return page
  }
}

/** The page shows source lines, and an app may allow other origins to read its answers (CORS). */
function isStranger ({ protocol, headers }: FastifyRequest): boolean {
  return isForeign({ headers, secure: isSecure(protocol, headers) })
}

// True for the exact fields and texts of Fastify's default answers.
function isFastifysOwn (request: FastifyRequest, reply: FastifyReply, payload: string, error: unknown): boolean {
  if (!/^application\/json\b/i.test(String(reply.getHeader('content-type')))) return false
  const said = parse(payload)
  if (said === undefined || said.statusCode !== reply.statusCode || said.error !== STATUS_CODES[reply.statusCode] || Object.keys(said).some(key => !FIELDS.has(key))) return false
  if (error instanceof Error) return said.message === error.message
  return reply.statusCode === 404 && said.message === `Route ${request.method}:${request.url} not found`
}

function parse (payload: string): Record<string, unknown> | undefined {
  try {
    const said: unknown = JSON.parse(payload)
    return typeof said === 'object' && said !== null ? said as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}
