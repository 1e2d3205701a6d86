// Page console: writes the console lines of pages to the app's log. Source maps translate their places.
import fp from 'fastify-plugin'
import { logOf, type FeatureOptions } from '../../shared/feature.js'
import { createRedact } from '../../shared/messages/redact.js'
import { stripTerminal } from '../../shared/text.js'
import { PageConsole } from './console.js'
import { createFindScript } from './script-file.js'
import { createMapper } from './source-map.js'

export default fp<FeatureOptions>(async (app, { live, settings }) => {
  const redact = createRedact()
  const pages = new PageConsole({
    levels: settings.connect.console,
    map: createMapper({ find: createFindScript(settings.roots, app.prefix), cwd: settings.cwd }),
    sanitize: text => redact.text(stripTerminal(text)),
    log: logOf(app)
  })
  live.on('log', message => pages.add(message))
  app.addHook('onClose', async () => pages.close())
})
