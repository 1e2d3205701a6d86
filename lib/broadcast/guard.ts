// The hooks of all routes of the plugin: the gate in front of them, the headers on their replies.
import { AsyncResource } from 'node:async_hooks'
import type { FastifyBaseLogger, FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify'
import { OWN_ROUTE, paramOf, refused, TEXT_HEADERS } from '../shared/own-routes.js'
import type { Gate, GateRequest, Verdict } from './gate.js'
import { Turns } from './delivery/turns.js'

/** On every reply of the plugin's routes. Never a CORS header. */
export const HEADERS = { 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

const kOwn = Symbol('fastify-live-reload.own')
/** Requests that came as far as their handler. */
const reached = new WeakSet<FastifyRequest>()
/** Logs of apps whose hooks have refused a request of ours: one warning is enough. */
const warned = new WeakSet<FastifyBaseLogger>()
const WARNED_STATUSES = new Set([401, 403, 429, 301, 302, 303, 307, 308])

/** True for a request to a route of the plugin, from the first hook on. */
export function isOwn ({ routeOptions: { config } }: FastifyRequest): boolean {
  return (config as { [kOwn]?: true } | undefined)?.[kOwn] === true
}

/** Pages send the token as `?token=`, or as the header `x-live-reload-token`. */
export function toGateRequest (request: FastifyRequest): GateRequest {
  const { raw } = request
  const token = raw.headers['x-live-reload-token'] ?? paramOf(raw.url ?? '/', 'token')
  return { headers: raw.headers, rawHeaders: raw.rawHeaders, url: raw.url, ...typeof token === 'string' && { token } }
}

export function guard (scope: FastifyInstance, gate: Gate, log: FastifyBaseLogger): void {
  // Hides the routes from API documents, from injection and from @fastify/compress.
  scope.addHook('onRoute', route => {
    route.schema = { ...route.schema, hide: true } as NonNullable<typeof route.schema>
    route.config = { ...route.config, ...OWN_ROUTE.config, [kOwn]: true } as FastifyContextConfig
    // A hook of the route runs after all hooks of the app.
    const mark: preHandlerHookHandler = (request, _reply, done) => {
      reached.add(request)
      done()
    }
    Object.assign(route, { compress: false, preHandler: [...[route.preHandler ?? []].flat(), mark] })
  })
  // First: a request that ends while it waits has to be known by then.
  endOpenRequests(scope)
  giveWay(scope)
  scope.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS)
    enforce(gate.enter(toGateRequest(request)), request, reply, log, done)
  })
  warnOfRefusals(scope, log)
  // A connection cannot carry another request after an upgrade request. Nobody else ends it when that was refused.
  scope.addHook('onResponse', ({ raw }, _reply, done) => {
    if ((raw as { upgrade?: boolean }).upgrade) raw.socket.destroySoon()
    done()
  })
}

/** Many tabs connect at the same moment, when a server or a network is back. All but the first wait for the requests of the app that have come with them. */
function giveWay (scope: FastifyInstance): void {
  const turns = new Turns<() => void>()
  let isFirst = true
  scope.addHook('onRequest', (_request, _reply, done) => {
    // Each goes on in its own context: hooks of the app may keep in it who is asking.
    if (!isFirst) return turns.defer([AsyncResource.bind(done)], proceed => proceed())
    isFirst = false
    setImmediate(() => { isFirst = true })
    done()
  })
}

/** Guards and limits of the app run for our routes too. A page cannot say why it gets no answer; the log can. */
function warnOfRefusals (scope: FastifyInstance, log: FastifyBaseLogger): void {
  scope.addHook('onResponse', (request, { statusCode }, done) => {
    if (!WARNED_STATUSES.has(statusCode) || reached.has(request) || refused.has(request) || warned.has(log)) return done()
    warned.add(log)
    log.warn(`live reload: ${request.method} ${String(request.routeOptions.url)} was answered ${statusCode} by a hook of the app, so pages get no updates: let the hook pass requests whose \`request.isLiveReload\` is true, as "Hooks of your app" in docs/security.md shows`)
    done()
  })
}

/** A request that never ends its body would hold `app.close()`: Node takes its connection for a busy one. */
function endOpenRequests (scope: FastifyInstance): void {
  const open = new Set<FastifyRequest['raw']>()
  scope.addHook('onRequest', ({ raw }, _reply, done) => {
    const hasBody = 'stream' in raw || (raw.headers['content-length'] ?? raw.headers['transfer-encoding']) !== undefined
    if (hasBody) {
      open.add(raw)
      raw.once('close', () => open.delete(raw))
    }
    done()
  })
  scope.addHook('preClose', async () => { for (const raw of open) raw.destroy() })
}

/** For routes that change something, or that only injected HTML may use: same origin, and the token. */
export function guardChanges (scope: FastifyInstance, gate: Gate, log: FastifyBaseLogger): void {
  scope.addHook('onRequest', (request, reply, done) => enforce(gate.change(toGateRequest(request)), request, reply, log, done))
}

// `request.log` would not show it: the routes of the plugin log warnings only.
function enforce (verdict: Verdict, request: FastifyRequest, reply: FastifyReply, log: FastifyBaseLogger, done: () => void): void {
  if (verdict.ok) return done()
  log.debug(`${verdict.message} (${request.method} ${request.url.replace(/\?.*/, '')})`)
  refuse(reply, verdict.status, verdict.message)
}

export function refuseFull (reply: FastifyReply): void {
  refuse(reply.header('retry-after', '5'), 503, 'live reload: too many connections (security.maxConnections)')
}

export function refuse (reply: FastifyReply, status: number, message: string): void {
  refused.add(reply.request)
  reply.code(status).headers(TEXT_HEADERS).send(message)
}
