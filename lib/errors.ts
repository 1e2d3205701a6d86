// Every error this plugin throws, in one table. `%s` stands for the name of an option, what was expected and what came, in this order.
// By name: the default import would be a namespace in the declarations, which not every way to resolve modules finds.
import { createError } from '@fastify/error'

export const errors = {
  FST_LIVE_RELOAD_INVALID_OPTION: createError('FST_LIVE_RELOAD_INVALID_OPTION', 'live reload: option `%s` must be %s, got %s', 500, TypeError),
  FST_LIVE_RELOAD_UNKNOWN_OPTION: createError('FST_LIVE_RELOAD_UNKNOWN_OPTION', 'live reload: unknown option `%s`; known are %s', 500, TypeError),
  FST_LIVE_RELOAD_INVALID_ROOT: createError('FST_LIVE_RELOAD_INVALID_ROOT', 'live reload: option `%s` must be a directory, got %s, which is %s', 500, TypeError),
  FST_LIVE_RELOAD_DUPLICATE: createError('FST_LIVE_RELOAD_DUPLICATE', 'live reload: %s', 500),
  FST_LIVE_RELOAD_INVALID_EVENT: createError('FST_LIVE_RELOAD_INVALID_EVENT', 'live reload: the event %s cannot be sent: %s', 500, TypeError),
  FST_LIVE_RELOAD_NO_SUCH_BUILD: createError('FST_LIVE_RELOAD_NO_SUCH_BUILD', 'live reload: there is no build named %s; known are %s', 500),
  FST_LIVE_RELOAD_NO_SUCH_FILE: createError('FST_LIVE_RELOAD_NO_SUCH_FILE', 'live reload: %s, so no tab was told', 500),
  FST_LIVE_RELOAD_NO_SUCH_PLUGIN: createError('FST_LIVE_RELOAD_NO_SUCH_PLUGIN', 'live reload: there is no hot plugin named %s; known are %s', 500),
  FST_LIVE_RELOAD_NO_SUCH_SERVICE: createError('FST_LIVE_RELOAD_NO_SUCH_SERVICE', 'live reload: the hot plugin %s uses the service %s, which none provides that was loaded before; known are %s. Plugins are loaded in the order of their names', 500),
  FST_LIVE_RELOAD_INVALID_PLUGIN: createError('FST_LIVE_RELOAD_INVALID_PLUGIN', 'live reload: %s %s', 500, TypeError),
  FST_LIVE_RELOAD_NO_ESBUILD: createError('FST_LIVE_RELOAD_NO_ESBUILD', 'live reload: the option `plugins` needs esbuild 0.20 or newer to reload code: npm install --save-dev esbuild (%s)', 500),
  FST_LIVE_RELOAD_NO_PROM_CLIENT: createError('FST_LIVE_RELOAD_NO_PROM_CLIENT', 'live reload: the option `metrics` needs prom-client 15 or newer: npm install prom-client (%s)', 500),
  FST_LIVE_RELOAD_NO_SERVER_LOG: createError('FST_LIVE_RELOAD_NO_SERVER_LOG', 'live reload: the option `client.serverLog` needs a logger that it may listen to: Fastify({ logger: { stream: serverLog() } }), with serverLog of fastify-live-reload', 500),
  FST_LIVE_RELOAD_NO_QUEUE: createError('FST_LIVE_RELOAD_NO_QUEUE', 'live reload: shards on other machines need the package %s (%s): npm install %s', 500),
  FST_LIVE_RELOAD_OTHER_VERSION: createError('FST_LIVE_RELOAD_OTHER_VERSION', 'the server has %s, and this worker has %s; install the same versions on both', 500),
  FST_LIVE_RELOAD_NO_CLIENT: createError('FST_LIVE_RELOAD_NO_CLIENT', 'live reload: the browser client %s is missing; run `npm run build`', 500),
  FST_LIVE_RELOAD_PORT_TAKEN: createError('FST_LIVE_RELOAD_PORT_TAKEN', 'live reload: port %s of the environment variable PORT is taken by %s: %s', 500),
  FST_LIVE_RELOAD_PORT_FORBIDDEN: createError('FST_LIVE_RELOAD_PORT_FORBIDDEN', 'live reload: this user may not listen on port %s: %s', 500),
  FST_LIVE_RELOAD_CERTIFICATE: createError('FST_LIVE_RELOAD_CERTIFICATE', 'live reload: %s: %s', 500),
  FST_LIVE_RELOAD_NO_PACKAGE: createError('FST_LIVE_RELOAD_NO_PACKAGE', 'live reload: %s needs the package %s: npm install --save-dev %s', 500),
  FST_LIVE_RELOAD_INVALID_LIBRARY: createError('FST_LIVE_RELOAD_INVALID_LIBRARY', 'live reload: the option `importMap` names %s, which %s', 500, TypeError),
  FST_LIVE_RELOAD_INVALID_COMMAND: createError('FST_LIVE_RELOAD_INVALID_COMMAND', 'live reload: command %s %s', 500, TypeError),
  FST_LIVE_RELOAD_FORBIDDEN_FILE: createError('FST_LIVE_RELOAD_FORBIDDEN_FILE', '%s', 403)
} as const

/** A value as people would write it, short enough for one line. */
export function show (value: unknown): string {
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (value instanceof RegExp || typeof value === 'number' || typeof value === 'bigint' || value === undefined) return String(value)
  let text: string
  try {
    text = JSON.stringify(value) ?? typeof value
  } catch {
    text = typeof value
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
