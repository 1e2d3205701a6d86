// Status page: `GET <path>/` shows connections, builds and latencies. Its script polls `GET <path>/status`, its buttons post to `/control`.
import fp from 'fastify-plugin'
import type { HotPlugins } from '../../../types/hot-plugins.js'
import type { StatusMessage } from '../../../types/status-page.js'
import type { FeatureOptions } from '../../shared/feature.js'
import { OWN_ROUTE } from '../../shared/own-routes.js'
import { sanitizeStatus } from '../../shared/messages/sanitize.js'
import { readScript, serveScript } from '../../shared/script.js'
import { serveControl } from './control.js'
import { recordHistory } from './history.js'
import { serveStatusPage } from './page.js'

/** People do not look at more, and a thousand would be half a megabyte a second. */
const MAX_CONNECTIONS_SHOWN = 50

export default fp<FeatureOptions>(async (_app, { live, settings }) => {
  const history = recordHistory(live, settings.cwd)
  const script = readScript(new URL('../../browser/status.min.js', import.meta.url))
  const read = (): StatusMessage => ({
    type: 'status',
    ...sanitizeStatus(live.status(), settings.cwd),
    now: performance.now(),
    uptime: Math.round(process.uptime() * 1000),
    connections: live.connections().slice(0, MAX_CONNECTIONS_SHOWN),
    saves: history(),
    ...live.plugins.count > 0 && { plugins: describePlugins(live.plugins) },
    forced: settings.connect.transport,
    editor: settings.client.editor
  })

  live.routes(scope => {
    serveStatusPage(scope, live)
    serveScript(scope, script, { url: '/status.js' })
  })
  live.routes(scope => {
    // Sent as text, so that preSerialization hooks of the app do not change it.
    scope.get('/status', OWN_ROUTE, (_request, reply) => { reply.type('application/json; charset=utf-8').send(JSON.stringify(read())) })
    serveControl(scope, live)
  }, { access: 'token' })
})

function describePlugins (plugins: HotPlugins): NonNullable<StatusMessage['plugins']> {
  const list = plugins.list().map(({ name, meta: { displayName: title }, version, enabled, serving, error, routes }) =>
    ({ name, ...title !== undefined && { title }, version, enabled, serving, failed: error !== undefined, routes: routes.length }))
  return { watching: plugins.watching, list }
}
