// Error pages: an HTML document for errors that Fastify itself would answer as JSON, for navigations only.
import fp from 'fastify-plugin'
import { hasLogger, logOf, type FeatureOptions } from '../../shared/feature.js'
import { OWN_ROUTE } from '../../shared/own-routes.js'
import { addErrorPages } from './error-page.js'
import { SCRIPT } from './style.js'

export default fp<FeatureOptions>(async (app, { live, settings }) => {
  addErrorPages(app, { live, cwd: settings.cwd, editor: settings.editor !== false, log: logOf(app), logged: hasLogger(app) })
  live.routes(scope => {
    scope.get('/error-page.js', OWN_ROUTE, (_request, reply) => {
      reply.header('cache-control', 'no-cache').type('text/javascript; charset=utf-8').send(SCRIPT)
    })
  })
})
