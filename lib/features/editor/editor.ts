// `POST /open` starts a program, so it takes nothing but JSON from a browser on the same machine, and few requests at a time.
import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify'
import { acceptJson, isFromHere, OWN_ROUTE, parseJson, refused } from '../../shared/own-routes.js'
import type { Launch } from './launch.js'
import { findLocation, isRefusal, type Project } from './location.js'

export interface EditorParts {
  readonly project: Project
  /** From the options only. `undefined`: the environment names the editor. */
  readonly editor: string | undefined
  readonly log: FastifyBaseLogger
  readonly open?: Launch
}

const MAX_STARTS_PER_SECOND = 5
const MAX_BODY_BYTES = 32 * 1024
/** Programs are seldom started, and loading what starts them takes some milliseconds. */
const launch: Launch = async (...call) => (await import('./launch.js')).launch(...call)

/** Adds the route to a scope that lets in only requests with the token. Refusals are `{ message }`, and start nothing. */
export function serveEditor (scope: FastifyInstance, { project, editor, log, open = launch }: EditorParts): void {
  const starts: number[] = []
  let busy = false

  acceptJson(scope, MAX_BODY_BYTES, answer)
  // Before the body is read.
  scope.addHook('onRequest', (request, reply, done) => {
    if (isFromHere(request)) return done()
    refused.add(request)
    answer(reply, 403, 'only a browser on the machine of the server may open an editor there')
  })
  scope.post('/open', OWN_ROUTE, async (request, reply) => {
    if (busy || performance.now() - (starts.at(-MAX_STARTS_PER_SECOND) ?? -Infinity) < 1000) {
      return answer(reply.header('retry-after', '1'), 429, 'too many at once; try again in a second')
    }
    busy = true
    const found = await findLocation(parseJson(request.body), project)
    if (isRefusal(found)) {
      busy = false
      return answer(reply, found.status, found.message)
    }
    starts.splice(0, starts.length - MAX_STARTS_PER_SECOND + 1)
    starts.push(performance.now())
    const why = await open(found, editor, log).catch((error: unknown) => {
      log.warn({ err: error }, 'could not start the editor')
      return 'could not start the editor; the log says why'
    })
    busy = false
    return why === undefined ? answer(reply, 202, 'opening in your editor…') : answer(reply, 500, why)
  })
}

// Sent as text, so that preSerialization hooks of the app do not change it.
function answer (reply: FastifyReply, status: number, message: string): void {
  reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify({ message }))
}
