// `security`: who may reach the plugin, and how often.
import { array, check, fields, integer, known, matching, type Guard } from './check.js'
import { isHost, namedHosts, workspaceHosts } from './hosts.js'
import type { RateLimitSettings, SecuritySettings } from './settings.js'

const isOrigin: Guard<string> = (v): v is string => matching(/^https?:\/\/[^/?#@\s]+$/i)(v) && URL.canParse(v)

export function parseSecurity (raw: unknown, env: NodeJS.ProcessEnv): SecuritySettings {
  const given = fields('security', raw)
  known('security.', given, ['allowedHosts', 'allowedOrigins', 'maxConnections', 'rateLimit'])
  const each = (name: string, expected: string, is: Guard<string>) => array(given[name]).map((v, i) => check(`security.${name}[${i}]`, v, expected, is))
  const hosts = each('allowedHosts', 'a host name such as "dev.test" or ".dev.test", without scheme and port', isHost)
  const named = namedHosts(env)
  return {
    allowedHosts: [...hosts.map(host => host.toLowerCase()), ...named.hosts, ...workspaceHosts(env)],
    unusableHosts: named.bad,
    allowedOrigins: each('allowedOrigins', 'an origin such as "https://app.test", without a path', isOrigin).map(origin => new URL(origin).origin),
    maxConnections: integer('security.maxConnections', given.maxConnections, 200, 1, 1_000_000),
    rateLimit: parseRateLimit(given.rateLimit)
  }
}

/** By default a browser with hundreds of tabs may reload them all at once, several times in a row. */
function parseRateLimit (raw: unknown): RateLimitSettings | false {
  if (raw === false) return false
  const given = fields('security.rateLimit', raw, 'false or { max?, total?, window? }')
  known('security.rateLimit.', given, ['max', 'total', 'window'])
  const max = integer('security.rateLimit.max', given.max, 2000, 1, 1_000_000)
  return {
    max,
    total: integer('security.rateLimit.total', given.total, 5 * max, 1, 5_000_000),
    window: integer('security.rateLimit.window', given.window, 10_000, 100, 3_600_000)
  }
}
