// The table of all metrics: names by the conventions of Prometheus, labels with few values.
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type * as PromClient from 'prom-client'
import { errors } from '../../errors.js'
import type { MetricsSettings } from '../../options/settings.js'
import { RouteTimes } from './route-times.js'

const COUNTERS = {
  http_requests_total: ['Replies of the app, by route pattern', 'route', 'method', 'status'],
  connections_opened_total: ['Tabs that connected', 'transport'],
  connections_closed_total: ['Connections that ended', 'transport'],
  connections_refused_total: ['Connections that were refused', 'reason'],
  connection_failures_total: ['Tries to connect that failed, as tabs tell when they are connected again'],
  fallbacks_total: ['Tabs that changed their transport', 'from', 'to', 'reason'],
  changes_total: ['Differences on disk, by the watch that saw them', 'source'],
  builds_total: ['Builds that ended', 'name', 'outcome'],
  shards_total: ['Shards of builds that ended', 'name', 'outcome'],
  messages_sent_total: ['Messages sent to at least one tab', 'type'],
  plugin_reloads_total: ['Reloads of hot plugins', 'outcome']
} as const

const GAUGES = {
  connections: ['Tabs that are connected', 'transport'],
  watch_state: ['1 for the state the watch is in', 'state'],
  watched_files: ['Files that are watched'],
  event_loop_delay_seconds: ['Delay of the event loop since the last scrape', 'quantile']
} as const

const ROUTE_TIMES = {
  http_request_duration_seconds: ['Time to reply, by route pattern', 'route']
} as const

const HISTOGRAMS = {
  save_seconds: ['Time from a save until it was seen, built, sent and applied by the first tab', 'step'],
  applied_seconds: ['Time from a message to the page that shows it, as the tab measured it', 'kind', 'transport'],
  build_duration_seconds: ['Duration of builds that were not aborted', 'name']
} as const

export type Metrics =
  { readonly [K in keyof typeof COUNTERS]: Counter } &
  { readonly [K in keyof typeof GAUGES]: Gauge } &
  { readonly [K in keyof typeof HISTOGRAMS]: Histogram } &
  { readonly [K in keyof typeof ROUTE_TIMES]: RouteTimes }

export interface CreatedMetrics {
  readonly registry: Pick<Registry, 'contentType' | 'metrics'>
  readonly metrics: Metrics
  /** Takes them out of the registry, so that the app can be made again. */
  remove (): void
}

/** @throws FST_LIVE_RELOAD_DUPLICATE when the registry has a metric of such a name */
export function createMetrics ({ Counter, Gauge, Histogram, Registry }: typeof PromClient, { registry: given, prefix, buckets }: Omit<MetricsSettings, 'path'>): CreatedMetrics {
  const registry = (given ?? new Registry()) as Registry
  const tables = [[COUNTERS, Counter, false], [GAUGES, Gauge, false], [HISTOGRAMS, Histogram, true], [ROUTE_TIMES, RouteTimes, true]] as const
  const rows = tables.flatMap(([table, Metric, isHistogram]) => Object.entries(table).map(([name, row]) => ({ name, row: row as readonly [string, ...string[]], isHistogram, Metric: Metric as unknown as typeof Histogram })))
  const taken = rows.find(({ name }) => registry.getSingleMetric(prefix + name) !== undefined)
  if (taken !== undefined) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`the registry of \`metrics\` has a metric ${prefix}${taken.name} already; set \`metrics.prefix\`, or give each app a registry of its own`)
  const made = rows.map(({ name, row: [help, ...labelNames], isHistogram, Metric }) =>
    [name, new Metric({ name: prefix + name, help, labelNames, registers: [registry], ...isHistogram && { buckets: [...buckets] } })])
  return {
    registry,
    metrics: Object.fromEntries(made) as Metrics,
    remove: () => { for (const { name } of rows) registry.removeSingleMetric(prefix + name) }
  }
}
