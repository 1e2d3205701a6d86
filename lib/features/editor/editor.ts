// `POST /open`: a place in a file of the project, opened in the developer's editor. Starts a program, so it trusts nobody.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { launch, type Launch } from './launch.js'
import { findPlace, isRefusal, type Project } from './location.js'

export interface EditorParts {
  readonly project: Project
  /** Known only to pages of this process. */
  readonly token: string
  /** From the options only; `undefined`: from the environment. */
  readonly editor: string | undefined
  readonly log: FastifyBaseLogger
  readonly open?: Launch
}

const PER_SECOND = 5
const MOST_BYTES = 32 * 1024
const LOOPBACK = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/i

/** Adds the route to a scope that has the gate. Refusals are `{ message }`, and nothing is started by them. */
export function serveEditor (scope: FastifyInstance, { project, token, editor, log, open = launch }: EditorParts): void {
  const recent: number[] = []
  let busy = false

  function isTooMuch (): boolean {
    return busy || performance.now() - (recent.at(-PER_SECOND) ?? -Infinity) < 1000
  }

  // Before a byte of the body is read.
  function judge (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    if (!/^application\/json\s*(;|$)/i.test(String(request.headers['content-type']))) return answer(reply, 415, 'JSON is expected')
    const { 'sec-fetch-site': site = 'same-origin' } = request.headers
    if (site !== 'same-origin') return answer(reply, 403, 'only a page of this server may open an editor')
    if (!LOOPBACK.test(String(request.raw.socket.remoteAddress))) return answer(reply, 403, 'only a browser on the machine of the server may open an editor there')
    if (!isSame(tokenOf(request), token)) return answer(reply, 403, 'the token is missing or that of another process; reload the page')
    done()
  }

  scope.register(async inner => {
    // The app's own parsers and error pages have no say here.
    inner.removeAllContentTypeParsers()
    inner.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: MOST_BYTES }, (_request, body, done) => done(null, body))
    // Only the parser's errors come here, and each has its status.
    inner.setErrorHandler<{ statusCode: number }>((error, _request, reply) => answer(reply, error.statusCode, 'the request can not be read'))

    inner.route({
      method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
      url: '/open',
      handler: (_request, reply) => answer(reply.header('allow', 'POST'), 405, 'only POST opens an editor')
    })

    inner.post('/open', { onRequest: judge }, async (request, reply) => {
      if (isTooMuch()) return answer(reply.header('retry-after', '1'), 429, 'too many at once; try again in a second')
      busy = true
      const found = await findPlace(parse(String(request.body)), project)
      if (isRefusal(found)) {
        busy = false
        return answer(reply, found.status, found.message)
      }
      recent.splice(0, recent.length - PER_SECOND + 1)
      recent.push(performance.now())
      open(found, editor, log).catch(error => log.warn({ err: error }, 'could not start the editor')).finally(() => { busy = false })
      return answer(reply, 202, 'opening in your editor…')
    })
  })
}

// As text: what the app puts around its own JSON (preSerialization) is not for ours.
function answer (reply: FastifyReply, status: number, message: string): void {
  reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify({ message }))
}

function tokenOf (request: FastifyRequest): string {
  const { token } = request.query as { token?: unknown }
  return String(request.headers['x-live-reload-token'] ?? token)
}

function isSame (given: string, token: string): boolean {
  const [a, b] = [given, token].map(text => createHash('sha256').update(text).digest()) as [Buffer, Buffer]
  return timingSafeEqual(a, b)
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
