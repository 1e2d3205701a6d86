// Metrics: what the plugin and the app's routes do, for Prometheus. `GET <path>/metrics` prints it.
import fp from 'fastify-plugin'
import type { FeatureOptions } from '../../shared/feature.js'
import type { MetricsSettings } from '../../options/settings.js'
import { OWN_ROUTE } from '../../shared/own-routes.js'
import { countEvents } from './events.js'
import { countRequests } from './http.js'
import { createMetrics } from './metrics.js'
import { loadPromClient } from './prom-client.js'

export default fp<FeatureOptions>(async (app, { live, settings }) => {
  const { path, ...given } = settings.metrics as MetricsSettings
  const { registry, metrics, remove } = createMetrics(await loadPromClient(), given)
  app.addHook('onClose', async () => remove())
  countRequests(app, metrics)
  countEvents(app, live, metrics)
  live.routes(scope => {
    scope.get(path, OWN_ROUTE, async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  })
})
