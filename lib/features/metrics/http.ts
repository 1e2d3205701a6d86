// Counts the app's replies by route pattern. On a hot route each costs less than a microsecond: labels are only made when somebody reads.
import type { FastifyInstance } from 'fastify'
import { refused } from '../../shared/own-routes.js'
import type { Metrics } from './metrics.js'
import { followReplies } from './replies.js'
import type { Times } from './route-times.js'

/** Routes beyond are counted as `other`: an app may make a route for each page. */
const MAX_ROUTES = 200
/** What no route answers; not one of these routes. */
const UNMATCHED = 'unmatched'
/** Where connections of tabs begin. */
const CONNECTS = /\/(?:socket|events)$/
const REASONS: Readonly<Record<number, string>> = { 400: 'malformed', 403: 'forbidden', 429: 'rate', 503: 'full' }

interface Replies { readonly method: string, readonly status: number, count: number }

interface Route {
  readonly times: Times
  /** Since the last reading. Few for each route: the first is nearly always the one. */
  readonly replies: Replies[]
}

function repliesOf ({ replies }: Route, method: string, status: number): Replies {
  let found = replies.find(each => each.status === status && each.method === method)
  if (found === undefined) replies.push(found = { method, status, count: 0 })
  return found
}

export function countRequests (app: FastifyInstance, { http_requests_total: requests, http_request_duration_seconds: durations, connections_refused_total: connections }: Metrics): void {
  const byLabel = new Map<string, Route>()
  /** By the configuration of a route, the only object of it that stays the same. `null`: one of the plugin's own routes. */
  const known = new WeakMap<object, Route | null>()

  const routeOf = (name: string): Route => {
    const isKept = name === UNMATCHED || byLabel.has(name) || byLabel.size - Number(byLabel.has(UNMATCHED)) < MAX_ROUTES
    const label = isKept ? name : 'other'
    const route = byLabel.get(label) ?? { times: durations.add(label), replies: [] }
    byLabel.set(label, route)
    return route
  }

  followReplies(app, (request, status, ms) => {
    // Each access makes another object.
    const { config, url = UNMATCHED } = request.routeOptions
    let route = known.get(config)
    if (route === undefined) known.set(config, route = request.isLiveReload ? null : routeOf(url))
    if (route !== null) {
      repliesOf(route, request.method, status).count++
      route.times.observe(ms / 1000)
    } else if (status >= 400 && CONNECTS.test(url)) connections.inc({ reason: refused.has(request) ? REASONS[status] ?? 'other' : 'app' })
  })

  const flush = (): void => {
    for (const [route, { replies }] of byLabel) {
      for (const { count, ...labels } of replies.splice(0)) requests.inc({ route, ...labels }, count)
    }
  }
  Object.assign(requests, { collect: flush })
}
