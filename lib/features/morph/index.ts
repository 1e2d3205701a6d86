// Morph: the module that changes a page in place when its HTML has changed.
import fp from 'fastify-plugin'
import type { FeatureOptions } from '../../shared/feature.js'
import { readScript, serveScript } from '../../shared/script.js'

export default fp<FeatureOptions>(async (_app, { live }) => {
  const script = readScript(new URL('../../browser/morph.min.js', import.meta.url))
  live.routes(scope => serveScript(scope, script, { url: '/morph.js' }))
})
