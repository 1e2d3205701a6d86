// Server log: lines of the app's logger in the console of pages.
import fp from 'fastify-plugin'
import { errors } from '../../errors.js'
import type { FeatureOptions } from '../../shared/feature.js'
import { createRedact } from '../../shared/messages/redact.js'
import { hasServerLog, onServerLog } from '../../shared/messages/server-log.js'
import { LineSender } from './line-sender.js'

export default fp<FeatureOptions>(async (app, { live, settings: { connect: { serverLog }, cwd } }) => {
  if (!hasServerLog()) throw new errors.FST_LIVE_RELOAD_NO_SERVER_LOG()
  const lines = new LineSender({ level: serverLog as Exclude<typeof serverLog, false>, cwd, redact: createRedact().text, send: line => live.send('server-log', line) })
  const undo = onServerLog(line => lines.add(line))
  app.addHook('onClose', async () => {
    undo()
    lines.close()
  })
})
