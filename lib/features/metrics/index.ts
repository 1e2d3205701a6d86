// Metrics: what the plugin and the app's routes do, for Prometheus. `GET <path>/metrics` prints it.
import fp from 'fastify-plugin'
import { logOf, type FeatureOptions } from '../../shared/feature.js'
import type { MetricsSettings } from '../../options/settings.js'
import { OWN_ROUTE } from '../../shared/own-routes.js'
import { countEvents } from './events.js'
import { countRequests } from './http.js'
import { createMetrics } from './metrics.js'
import { loadPromClient } from './prom-client.js'

export default fp<FeatureOptions>(async (app, { live, settings }) => {
  const { path, ...given } = settings.metrics as MetricsSettings
  const client = await loadPromClient()
  if (given.registry !== undefined && !(given.registry instanceof client.Registry)) {
    logOf(app).warn('live reload: the registry in `metrics.registry` comes from another copy of prom-client than the one the plugin uses: its metrics may be missing. Install one version (npm ls prom-client shows them)')
  }
  const { registry, metrics, remove } = createMetrics(client, given)
  app.addHook('onClose', async () => remove())
  countRequests(app, metrics)
  countEvents(app, live, metrics)
  live.routes(scope => {
    scope.get(path, OWN_ROUTE, async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  })
})
