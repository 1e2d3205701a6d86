// Stubs: routes in the app's own router that stand for those of plugins, in the exact place where the plugin's own would be.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Internals } from '../graft/internals.js'

export interface Target {
  answer (raw: IncomingMessage, response: ServerResponse, id: string): void
}

/** The one who answers now may change. */
export interface Stub { target: Target }

const noop = (): void => {}
/** The version logs its requests; the stub must not log them, too. */
export const SILENT = { level: 'silent', info: noop, error: noop, debug: noop, fatal: noop, warn: noop, trace: noop, silent: noop } as unknown as FastifyBaseLogger
SILENT.child = () => SILENT

/** Makes a scope of ours empty: no hook of the app runs for a stub, neither those that are there nor those to come. The version runs them all. */
export function emptyScope (scope: FastifyInstance, internals: Internals): void {
  const hooks = internals.read(scope, 'hooks')
  for (const name of Object.keys(hooks)) if (Array.isArray(hooks[name])) hooks[name] = []
  hooks.add = noop
  internals.write(scope, 'prefix', '')
  internals.write(scope, 'handlerTimeout', 0)
  const controller = internals.has('logController') ? internals.read(scope, 'logController') : undefined
  if (typeof controller === 'object' && controller !== null) internals.write(scope, 'logController', silence(controller))
}

/** Never calls `done`: the version reads the body and sends the reply. */
export function dispatch (stub: Stub) {
  return (request: FastifyRequest, reply: FastifyReply, _done: () => void): void => { stub.target.answer(request.raw, reply.raw, request.id) }
}

export function addStub (scope: FastifyInstance, { method, url, constraints }: { readonly method: string | readonly string[], readonly url: string, readonly constraints?: Record<string, unknown> }, stub: Stub): void {
  scope.route({
    method: method as HTTPMethods,
    url,
    ...constraints !== undefined && { constraints },
    exposeHeadRoute: false,
    config: { liveReload: false },
    childLoggerFactory: () => SILENT,
    onRequest: dispatch(stub),
    handler: noop
  })
}

/** Controllers of logging may count what they are told. */
function silence (controller: object): object {
  return new Proxy(controller, {
    get (target, name) {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? noop : value
    }
  })
}
