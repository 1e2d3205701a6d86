// `metrics`: what is measured, and where it is shown.
import type { MetricsRegistry } from '../../types/options.js'
import { check, fields, isFunction, known, matching, type Guard } from './check.js'
import type { MetricsSettings } from './settings.js'

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const METHODS = ['metrics', 'registerMetric', 'getSingleMetric', 'removeSingleMetric']

const isRegistry: Guard<MetricsRegistry> = (v): v is MetricsRegistry => typeof v === 'object' && v !== null && METHODS.every(name => isFunction(Reflect.get(v, name)))
const areBuckets: Guard<readonly number[]> = (v): v is readonly number[] =>
  Array.isArray(v) && v.length > 0 && v.every((bound, i) => Number.isFinite(bound) && bound > (i === 0 ? 0 : v[i - 1]))

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
export function parseMetrics (raw: unknown): MetricsSettings | false {
  if (raw === undefined || raw === false) return false
  const given = raw === true ? {} : fields('metrics', raw, 'true, false or { registry?, path?, prefix?, buckets? }')
  known('metrics.', given, ['registry', 'path', 'prefix', 'buckets'])
  return {
    registry: given.registry === undefined ? undefined : check('metrics.registry', given.registry, 'a Registry of prom-client', isRegistry),
    path: check('metrics.path', given.path ?? '/metrics', 'a path such as "/metrics": segments of letters, digits, "-" and "_"', matching(/^(\/[\w-]+)+$/)),
    prefix: check('metrics.prefix', given.prefix ?? 'live_reload_', 'letters, digits, "_" and ":", no digit in front', matching(/^[a-z_:][\w:]*$/i)),
    buckets: check('metrics.buckets', given.buckets ?? BUCKETS, 'a list of seconds above 0 in ascending order', areBuckets)
  }
}
