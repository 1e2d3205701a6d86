// Counts the app's replies by route pattern. On a hot route each costs less than a microsecond: labels are only made when somebody reads.
import type { FastifyInstance } from 'fastify'
import { refused } from '../../shared/own-routes.js'
import type { Metrics } from './metrics.js'
import type { Times } from './route-times.js'

/** Routes beyond are counted as `other`: an app may make a route for each page. */
const MAX_ROUTES = 200
/** Where connections of tabs begin. */
const CONNECTS = /\/(?:socket|events)$/
const REASONS: Readonly<Record<number, string>> = { 400: 'malformed', 403: 'forbidden', 429: 'rate', 503: 'full' }

interface Route {
  readonly times: Times
  /** Replies since the last reading, by method and status. */
  readonly replies: Map<string, number>
}

export function countRequests (app: FastifyInstance, { http_requests_total: requests, http_request_duration_seconds: durations, connections_refused_total: connections }: Metrics): void {
  const byLabel = new Map<string, Route>()
  /** By the configuration of a route, the only object of it that stays the same. `null`: one of the plugin's own routes. */
  const known = new WeakMap<object, Route | null>()

  const routeOf = (name: string): Route => {
    const label = byLabel.has(name) || byLabel.size < MAX_ROUTES ? name : 'other'
    const route = byLabel.get(label) ?? { times: durations.add(label), replies: new Map() }
    byLabel.set(label, route)
    return route
  }

  app.addHook('onResponse', (request, reply, done) => {
    // Each access makes another object.
    const { config, url = 'unmatched' } = request.routeOptions
    let route = known.get(config)
    if (route === undefined) known.set(config, route = request.isLiveReload ? null : routeOf(url))
    if (route !== null) {
      const key = `${request.method} ${reply.statusCode}`
      route.replies.set(key, (route.replies.get(key) ?? 0) + 1)
      route.times.observe(reply.elapsedTime / 1000)
    } else if (reply.statusCode >= 400 && CONNECTS.test(url)) connections.inc({ reason: refused.has(request) ? REASONS[reply.statusCode] ?? 'other' : 'app' })
    done()
  })

  const flush = (): void => {
    for (const [route, { replies }] of byLabel) {
      for (const [key, count] of replies) {
        const [method, status] = key.split(' ') as [string, string]
        requests.inc({ route, method, status }, count)
      }
      replies.clear()
    }
  }
  Object.assign(requests, { collect: flush })
}
