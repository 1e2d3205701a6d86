// Metrics: what the plugin and the app's routes do, for Prometheus. `GET <path>/metrics` prints it.
import fp from 'fastify-plugin'
import type { Counter } from 'prom-client'
import { errors } from '../../errors.js'
import { logOf, type FeatureOptions } from '../../shared/feature.js'
import type { MetricsSettings } from '../../options/settings.js'
import { OWN_ROUTE } from '../../shared/own-routes.js'
import { countEvents } from './events.js'
import { countRequests } from './http.js'
import { createMetrics } from './metrics.js'
import { loadPromClient } from './prom-client.js'

/** Fastify adds the second. */
const METHODS: readonly string[] = ['GET', 'HEAD']

export default fp<FeatureOptions>(async (app, { live, settings }) => {
  const { path, ...given } = settings.metrics as MetricsSettings
  const client = await loadPromClient()
  if (given.registry !== undefined && !(given.registry instanceof client.Registry)) {
    logOf(app).warn('live reload: the registry in `metrics.registry` comes from another copy of prom-client than the one the plugin uses: its metrics may be missing. Install one version (npm ls prom-client shows them)')
  }
  const { registry, metrics, remove } = createMetrics(client, given)
  app.addHook('onClose', async () => remove())
  countRequests(app, metrics)
  resetUnread(metrics.http_requests_total)
  countEvents(app, live, metrics)
  const url = live.path + path
  live.routes(scope => {
    if (METHODS.some(method => scope.hasRoute({ method, url }))) throw taken(path, url)
    scope.get(path, OWN_ROUTE, async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
    // What comes later, as most routes of the plugin do.
    app.addHook('onRoute', route => { if (route.url === url && [route.method].flat().some(method => METHODS.includes(method))) throw taken(path, url) })
  })
})

function taken (path: string, url: string): Error {
  return new errors.FST_LIVE_RELOAD_DUPLICATE(`\`metrics.path\` is ${path}, and there is another route ${url}; choose another path`)
}

/** What is read only when somebody scrapes is reset with the rest. */
function resetUnread (counter: Counter): void {
  const { reset } = counter
  Object.assign(counter, {
    reset () {
      const { collect } = counter as unknown as { collect (): void }
      collect()
      reset.call(counter)
    }
  })
}
