// Routes that take one small JSON object, whatever parsers and error handlers the app has.
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Bodies arrive as text. `refuse` answers a body of another type or of more than `maxBytes`, and whatever a hook throws. */
export function acceptJson (scope: FastifyInstance, maxBytes: number, refuse: (reply: FastifyReply, status: number, message: string) => void): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: maxBytes }, (_request, body, done) => done(null, body))
  scope.setErrorHandler((error: { statusCode?: number, message: string }, _request, reply) => refuse(reply, error.statusCode ?? 500, error.message))
}

/** The object in a body, or an empty one. */
export function parseJson (body: unknown): Record<string, unknown> {
  try {
    return Object(JSON.parse(String(body)))
  } catch {
    return {}
  }
}
