// `POST <path>/control`: what the buttons of the status page do.
import type { FastifyInstance } from 'fastify'
import type { Transport } from '../../../types/transport.js'

export interface Controls {
  reload (): void
  build (): unknown
  pause (): void
  resume (): void
  /** Asks pages to go on by this transport. */
  transport (name: Transport): void
}

const MOST_BYTES = 1024

/** Adds the route to a scope that lets in only what carries the token. Parsers of the scope are replaced: it takes JSON, and little of it. */
export function serveControl (scope: FastifyInstance, controls: Controls, done: () => void): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: MOST_BYTES }, (_request, body, next) => next(null, body))
  scope.setErrorHandler((error: { statusCode?: number, message: string }, _request, reply) => {
    reply.code(error.statusCode ?? 500).type('text/plain; charset=utf-8').send(`live reload: ${error.message}`)
  })
  scope.post<{ Body: string | undefined }>('/control', { bodyLimit: MOST_BYTES }, ({ body = '' }, reply) => {
    const known = act(parse(body), controls)
    if (!known) return reply.code(400).type('text/plain; charset=utf-8').send("live reload: expected { action: 'reload' | 'build' | 'pause' | 'resume' }, or { action: 'transport', transport: 'ws' | 'sse' }")
    done()
    return reply.code(204).send()
  })
}

function act ({ action, transport }: Record<string, unknown>, controls: Controls): boolean {
  if (action === 'transport' && (transport === 'ws' || transport === 'sse')) controls.transport(transport)
  else if (action === 'reload' || action === 'build' || action === 'pause' || action === 'resume') controls[action]()
  else return false
  return true
}

function parse (text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
