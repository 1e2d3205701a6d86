// Terminal: says how the plugin starts and what reaches tabs. Shows how far builds are, in one line that changes in place on a terminal, in a log line now and then elsewhere.
import fp from 'fastify-plugin'
import { BuildProgress } from '../../shared/command-line/build-progress.js'
import { hasLogger, logOf, type FeatureOptions } from '../../shared/feature.js'
import { logChanges } from './change-lines.js'
import { warnOfPagesOutside } from './scope.js'
import { reportStart } from './start-report.js'
import { warnAtStart } from './warnings.js'

export default fp<FeatureOptions>(async (app, { live, settings }) => {
  const log = logOf(app)
  warnAtStart(app, settings, log)
  if (hasLogger(app) && app.log.level === 'silent') return
  warnOfPagesOutside(app, log)
  reportStart(app, live, settings, log)
  // The rest would say what happens, not what is wrong: stderr is for the latter.
  if (!hasLogger(app)) return
  const progress = new BuildProgress({ log })
  live.on('build:start', ({ name }) => progress.start(name))
  live.on('build:progress', event => progress.update(event.name, event.progress))
  live.on('build:end', ({ name }) => progress.end(name))
  // Lines of the log follow these events: they need the row.
  for (const event of ['change', 'send', 'log', 'fallback', 'error'] as const) live.on(event, () => progress.erase())
  logChanges(live, settings.cwd, log)
  app.addHook('onClose', async () => progress.close())
})
