// Logs why a reply was left alone, or what was changed in it: once per route and reason.
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { NEEDS_INTEGRITY } from './refusal.js'

export interface Explainer {
  /** At level debug, or as a warning when nobody would find the reason. */
  refused (request: FastifyRequest, reason: string): void
  /** The app's own `inject.when` failed. */
  whenFailed (request: FastifyRequest, error: unknown): void
  policyExtended (request: FastifyRequest, change: string): void
  /** Browsers would keep a file, and not show that it was saved. */
  cacheReplaced (request: FastifyRequest, said: string, now: string): void
  /** A transformer of the app failed: its position, from 0. */
  transformFailed (request: FastifyRequest, index: number, error: unknown): void
}

export function createExplainer (log: FastifyBaseLogger): Explainer {
  const logged = new Set<string>()
  const once = (request: FastifyRequest, reason: string, write: (route: string) => void) => {
    const { method = request.method, url = '(not found)' } = request.routeOptions
    const route = `${String(method)} ${url}`
    const key = `${route} ${reason}`
    if (logged.has(key)) return
    logged.add(key)
    write(route)
  }
  return {
    refused (request, reason) {
      if (reason === NEEDS_INTEGRITY) return once(request, reason, route => log.warn({ route, reason }, `live reload leaves ${route} alone: ${reason}`))
      if (log.level !== 'debug' && log.level !== 'trace') return
      once(request, reason, route => log.debug({ route, reason }, `live reload leaves ${route} alone: ${reason}`))
    },
    whenFailed (request, error) {
      once(request, 'when', route => log.warn({ err: error, route }, `live reload leaves ${route} alone: \`inject.when\` failed`))
    },
    policyExtended (request, change) {
      once(request, change, route => log.info({ route, change }, `live reload extends the Content-Security-Policy of ${route} by ${change}`))
    },
    cacheReplaced (request, said, now) {
      once(request, 'cache', route => log.info({ route, said }, `live reload replaces the Cache-Control of files of ${route}, ${said}, by ${now}: browsers would not show that they are saved`))
    },
    transformFailed (request, index, error) {
      once(request, `transform ${index}`, route => log.warn({ err: error, route }, `\`transform[${index}]\` failed, ${route} goes out without it`))
    }
  }
}
