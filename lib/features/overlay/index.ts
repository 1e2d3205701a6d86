// Overlay: `GET <path>/overlay` says what is broken. The page asks when a build fails.
import fp from 'fastify-plugin'
import type { FeatureOptions } from '../../shared/feature.js'
import { OWN_ROUTE } from '../../shared/own-routes.js'
import { Failures } from './failures.js'
import { writeOverlay } from './overlay.js'

export default fp<FeatureOptions>(async (_app, { live, settings }) => {
  const failures = new Failures()
  live.on('send', ({ message }) => { if (message.type === 'build') failures.add(message) })
  live.routes(scope => {
    scope.get('/overlay', OWN_ROUTE, (_request, reply) => {
      // Sent as text, so that preSerialization hooks of the app do not change it.
      reply.type('application/json; charset=utf-8').send(JSON.stringify(writeOverlay(failures, live.epoch, settings.client)))
    })
  })
})
