// Raw options -> one frozen Settings, or a coded error. Nothing downstream reads the raw ones.
import type { InjectOptions, LiveReloadOptions, Transformer } from '../../types/options.js'
import { BACKEND_CHOICES } from './backends.js'
import { parseBuilds } from './build.js'
import { array, check, choice, fields, flag, integer, isFunction, known, matching } from './check.js'
import { parseClient } from './client.js'
import { parseImportMap } from './import-map.js'
import { parseMetrics } from './metrics.js'
import { parsePlugins } from './plugins.js'
import { parseRoots } from './root.js'
import { parseSecurity } from './security.js'
import type { Settings } from './settings.js'
import { parsePaths, parseWatchRules } from './watch.js'

const OPTIONS = ['enabled', 'root', 'watch', 'build', 'ignore', 'gitignore', 'debounce', 'backend', 'pollInterval', 'path', 'inject', 'transform', 'importMap', 'errorPages', 'cacheControl', 'client', 'editor', 'plugins', 'metrics', 'security']
const isCacheControl = (v: unknown): v is string | false => v === false || matching(/^[\t\x20-\x7e]+$/)(v)
const isEditor = (v: unknown): v is string | false | undefined => v === undefined || v === false || matching(/^(?=.*\S)[^\0\r\n]+$/)(v)
const isTransformer = (v: unknown): v is Transformer => isFunction(v) || (typeof v === 'object' && v !== null && isFunction((v as { stream?: unknown }).stream))

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, _UNKNOWN_OPTION, _INVALID_ROOT, _DUPLICATE */
export function parseOptions (raw: LiveReloadOptions, cwd = process.cwd(), env: NodeJS.ProcessEnv = process.env): Settings {
  const given = fields('options', raw)
  known('', given, OPTIONS)
  const backend = choice('backend', given.backend, ...BACKEND_CHOICES)
  const editor = check('editor', given.editor, 'a command or false', isEditor)
  const rules = parseWatchRules('', given, { ignore: [], gitignore: true, debounce: 0 })
  return Object.freeze({
    enabled: parseEnabled(given.enabled, env),
    assumed: given.enabled === undefined && !env.LIVE_RELOAD && !env.NODE_ENV,
    cwd,
    roots: parseRoots(given.root, cwd),
    watch: parsePaths('watch', given.watch, cwd),
    builds: parseBuilds(given.build, cwd),
    ...rules,
    backend: choice('LIVE_RELOAD_WATCH_BACKEND', env.LIVE_RELOAD_WATCH_BACKEND || backend, ...BACKEND_CHOICES),
    pollInterval: integer('pollInterval', given.pollInterval, 300, 10, 3_600_000),
    path: parsePath(given.path),
    inject: parseInject(given.inject),
    transform: array(given.transform).map((one, i) => parseTransformer(`transform[${i}]`, one)),
    importMap: parseImportMap(given.importMap),
    errorPages: flag('errorPages', given.errorPages, true),
    cacheControl: check('cacheControl', given.cacheControl === undefined ? 'no-cache' : given.cacheControl, 'a Cache-Control value or false', isCacheControl),
    ...parseClient(given.client, editor !== false),
    editor,
    plugins: parsePlugins(given.plugins, cwd, rules.debounce),
    metrics: parseMetrics(given.metrics),
    security: parseSecurity(given.security, env)
  } satisfies Settings)
}

/** `LIVE_RELOAD` is for whoever cannot change the code: a colleague, a container. */
function parseEnabled (raw: unknown, env: NodeJS.ProcessEnv): boolean {
  const enabled = flag('enabled', raw, env.NODE_ENV !== 'production')
  return env.LIVE_RELOAD ? choice('LIVE_RELOAD', env.LIVE_RELOAD, '0', '1') === '1' : enabled
}

export function parseTransformer (name: string, raw: unknown): Transformer {
  return check(name, raw, 'a function (html, context) => html, or { stream(context) }', isTransformer)
}

function parsePath (raw: unknown = '/__live'): string {
  const expected = 'a path such as "/__live": each segment of letters, digits, "-", "_" and "." behind a slash, no host and no port'
  return check('path', raw, expected, matching(/^(\/[\w.-]*[\w-][\w.-]*)+\/?$/)).replace(/\/$/, '')
}

function parseInject (raw: unknown): Settings['inject'] {
  if (raw === false) return false
  const given = fields('inject', raw, 'false or { position?, when? }')
  known('inject.', given, ['position', 'when'])
  const position = choice('inject.position', given.position, 'head', 'body')
  if (given.when === undefined) return { position }
  return { position, when: check('inject.when', given.when, 'a function (request, reply) => boolean', isFunction) as NonNullable<InjectOptions['when']> }
}
