// What every route of ours has in common: the gate before it, the headers on it.
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Gate, Knock, Verdict } from './gate.js'

/** On every answer of ours. Never a CORS header. */
export const HEADERS = { 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

export function knockOf (request: FastifyRequest): Knock {
  const { token } = request.query as { token?: unknown }
  return {
    headers: request.raw.headers,
    rawHeaders: request.raw.rawHeaders,
    url: request.raw.url,
    ...(typeof token === 'string' && { token })
  }
}

export function guard (scope: FastifyInstance, gate: Gate, log: FastifyBaseLogger): void {
  // Hidden from API documents, and nothing for a compressor to buffer.
  scope.addHook('onRoute', route => {
    route.schema = { ...route.schema, hide: true } as NonNullable<typeof route.schema>
    Object.assign(route, { compress: false })
  })
  scope.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS)
    obey(gate.enter(knockOf(request)), request, reply, log, done)
  })
}

/** For what changes something, and for what only our own HTML may know: the token, and the same origin. */
export function guardChanges (scope: FastifyInstance, gate: Gate, log: FastifyBaseLogger): void {
  scope.addHook('onRequest', (request, reply, done) => obey(gate.change(knockOf(request)), request, reply, log, done))
}

/** For what our own HTML may ask. A page of a process that is gone has no token of this one: a header that no other site can send along stands in for it. */
export function guardAsking (scope: FastifyInstance, gate: Gate, log: FastifyBaseLogger): void {
  scope.addHook('onRequest', (request, reply, done) => {
    if (request.headers['x-live-reload'] !== undefined) return done()
    obey(gate.change(knockOf(request)), request, reply, log, done)
  })
}

// Not `request.log`: our routes keep quiet about requests, at every level that is not a warning.
function obey (verdict: Verdict, request: FastifyRequest, reply: FastifyReply, log: FastifyBaseLogger, done: () => void): void {
  if (verdict.ok) return done()
  log.debug(`${verdict.message} (${request.method} ${request.url.replace(/\?.*/, '')})`)
  refuse(reply, verdict.status, verdict.message)
}

export function refuseFull (reply: FastifyReply): void {
  refuse(reply.header('retry-after', '5'), 503, 'live reload: too many connections (security.maxConnections)')
}

export function refuse (reply: FastifyReply, status: number, message: string): void {
  reply.code(status).type('text/plain; charset=utf-8').send(message)
}
