// Says why a reply was left alone: for who asks (log level debug), once per route and reason.
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'

export interface Explainer {
  refused (request: FastifyRequest, reason: string): void
  /** The app's own `when` threw: always worth a line. */
  failed (request: FastifyRequest, error: unknown): void
  /** A policy of the page was extended. */
  opened (request: FastifyRequest, change: string): void
  /** A policy that keeps out what the client imports came after its tag had left. */
  late (request: FastifyRequest): void
  /** A transformer of the app threw: its number, from 0. */
  broken (request: FastifyRequest, index: number, error: unknown): void
}

export function createExplainer (log: FastifyBaseLogger): Explainer {
  const told = new Set<string>()
  const once = (request: FastifyRequest, reason: string, tell: (route: string) => void) => {
    const { method, url = '(not found)' } = request.routeOptions
    const route = `${String(method)} ${url}`
    const key = `${route} ${reason}`
    if (told.has(key)) return
    told.add(key)
    tell(route)
  }
  return {
    refused (request, reason) {
      if (log.level !== 'debug' && log.level !== 'trace') return
      once(request, reason, route => log.debug({ route, reason }, `live reload leaves ${route} alone: ${reason}`))
    },
    failed (request, error) {
      once(request, 'when', route => log.warn({ err: error, route }, `live reload leaves ${route} alone: \`inject.when\` threw`))
    },
    opened (request, change) {
      once(request, change, route => log.info({ route, change }, `live reload extends the Content-Security-Policy of ${route} by ${change}`))
    },
    late (request) {
      once(request, 'late', route => log.warn({ route }, `${route} is sent in pieces, and a \`<meta>\` with a Content-Security-Policy of 'strict-dynamic' came after the tag of live reload: its tabs reload, but neither builds nor changes in place can be shown. Send the policy as a header, or with the first piece, or use \`inject: { position: 'body' }\``))
    },
    broken (request, index, error) {
      once(request, `transform ${index}`, route => log.warn({ err: error, route }, `\`transform[${index}]\` failed, ${route} goes out without it`))
    }
  }
}
