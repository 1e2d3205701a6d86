// Counts what `app.liveReload` tells its listeners, and reads the rest when somebody scrapes.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { FastifyInstance } from 'fastify'
import type { Gauge } from 'prom-client'
import type { BuildResult } from '../../../types/build.js'
import type { LiveReload } from '../../../types/live-reload.js'
import type { Metrics } from './metrics.js'
import { SaveTimes } from './saves.js'

const STATES = ['ok', 'degraded', 'polling', 'failed'] as const
const QUANTILES = [0.5, 0.9, 0.99] as const
/** Node looks at the clock so often. */
const RESOLUTION_MS = 20
const NANOSECONDS = 1e9

export function countEvents (app: FastifyInstance, live: LiveReload, metrics: Metrics): void {
  const saves = new SaveTimes((step, seconds) => metrics.save_seconds.observe({ step }, seconds))
  live.on('connect', ({ transport }) => metrics.connections_opened_total.inc({ transport }))
  live.on('disconnect', ({ transport }) => metrics.connections_closed_total.inc({ transport }))
  live.on('connect:fail', ({ attempts }) => metrics.connection_failures_total.inc(attempts))
  live.on('fallback', ({ from, to, reason }) => metrics.fallbacks_total.inc({ from, to, reason }))
  live.on('change', event => {
    metrics.changes_total.inc({ source: event.source }, event.changes.length)
    saves.change(event)
  })
  live.on('build:start', ({ name }) => saves.buildStarts(name))
  live.on('build:end', ({ name, result }) => {
    metrics.builds_total.inc({ name, outcome: result === undefined ? 'aborted' : result.ok ? 'ok' : 'failed' })
    saves.buildEnds(name, result?.ok, performance.now())
    if (result === undefined) return
    metrics.build_duration_seconds.observe({ name }, result.ms / 1000)
    countShards(name, result, metrics)
  })
  live.on('send', ({ message, clients }) => {
    if (clients > 0) metrics.messages_sent_total.inc({ type: message.type })
    if (message.type === 'reload' || message.type === 'update') saves.sent(message.seq, clients, performance.now())
  })
  live.on('applied', ({ seq, kind, ms, transport }) => {
    metrics.applied_seconds.observe({ kind, transport }, Math.max(0, ms) / 1000)
    saves.applied(seq, performance.now())
  })
  live.on('plugin:reload', () => metrics.plugin_reloads_total.inc({ outcome: 'ok' }))
  live.on('plugin:fail', () => metrics.plugin_reloads_total.inc({ outcome: 'failed' }))
  readWhenScraped(app, live, metrics)
}

/** As `sharded()` tells them. */
function countShards (name: string, { meta: { built, cached } = {} }: BuildResult, { shards_total: shards }: Metrics): void {
  if (Array.isArray(built)) shards.inc({ name, outcome: 'built' }, built.length)
  if (typeof cached === 'number') shards.inc({ name, outcome: 'cached' }, cached)
}

function readWhenScraped (app: FastifyInstance, live: LiveReload, metrics: Metrics): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  app.addHook('onClose', async () => { delay.disable() })
  const read = (gauge: Gauge, collect: () => void): void => { Object.assign(gauge, { collect }) }
  read(metrics.connections, () => {
    for (const [transport, count] of Object.entries(live.status().transports)) metrics.connections.set({ transport }, count)
  })
  read(metrics.watch_state, () => {
    const { state } = live.status().watch
    for (const one of STATES) metrics.watch_state.set({ state: one }, one === state ? 1 : 0)
  })
  read(metrics.watched_files, () => metrics.watched_files.set(live.status().watch.files))
  read(metrics.event_loop_delay_seconds, () => {
    for (const quantile of QUANTILES) {
      // What is measured includes the pause between two looks.
      metrics.event_loop_delay_seconds.set({ quantile }, Math.max(0, delay.percentile(quantile * 100) / NANOSECONDS - RESOLUTION_MS / 1000))
    }
    delay.reset()
  })
}
