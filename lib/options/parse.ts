// Raw options -> one frozen Settings, or a coded error. Nothing downstream reads the raw ones.
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Builder, BuildFunction, Hooks } from '../../types/build.js'
import type { ClientSettings } from '../../types/message.js'
import type { IgnoreRule, InjectOptions, LiveReloadOptions, RootOptions, Transformer } from '../../types/options.js'
import { array, check, fields, integer, isBoolean, known, matching, oneOf, pathOf } from './check.js'
import { errors, show } from '../errors.js'
import { parseConsole, type Level } from './console.js'
import { parseUpdate, UPDATE_OPTIONS, type UpdateSettings } from './update.js'

export interface RootSettings {
  /** Absolute, as the app named it: not resolved through links. */
  readonly path: string
  /** Begins and ends with `/`. */
  readonly prefix: string
  /** File served to navigations that match none, or `false`. */
  readonly spa: string | false
  readonly list: RootOptions['list']
  readonly followSymlinks: boolean
  /** What goes to @fastify/static untouched. */
  readonly static: Readonly<Record<string, unknown>>
}

export interface BuildSettings {
  readonly name: string
  readonly source: readonly string[]
  readonly builder: Builder | BuildFunction
  readonly hooks: { readonly before?: Hooks, readonly after?: Hooks, readonly afterFailure: 'warn' | 'fail' }
  /** Milliseconds. */
  readonly timeout: number
  readonly ignore: readonly IgnoreRule[]
}

/** What the page must know before it is greeted: it stands in the tag. */
export interface ConnectSettings {
  readonly transport: 'auto' | 'ws' | 'sse'
  readonly fallbackTimeout: number
  /** Levels of the page's console that are forwarded. */
  readonly console: readonly Level[]
}

export interface Settings {
  readonly enabled: boolean
  readonly cwd: string
  readonly roots: readonly RootSettings[]
  readonly watch: readonly string[]
  readonly builds: readonly BuildSettings[]
  readonly ignore: readonly IgnoreRule[]
  readonly gitignore: boolean
  readonly debounce: number
  readonly backend: 'auto' | 'native' | 'poll'
  readonly pollInterval: number
  /** Begins with `/`, no slash at the end. */
  readonly path: string
  readonly inject: false | Required<Pick<InjectOptions, 'position'>> & Pick<InjectOptions, 'when'>
  readonly transform: readonly Transformer[]
  readonly errorPages: boolean
  readonly cacheControl: string | false
  readonly client: ClientSettings
  readonly connect: ConnectSettings
  readonly update: UpdateSettings
  /** `undefined`: found by the environment. */
  readonly editor: string | false | undefined
  readonly security: {
    readonly allowedHosts: readonly string[]
    readonly allowedOrigins: readonly string[]
    readonly maxConnections: number
  }
}

const OPTIONS = ['enabled', 'root', 'watch', 'build', 'ignore', 'gitignore', 'debounce', 'backend', 'pollInterval', 'path', 'inject', 'transform', 'errorPages', 'cacheControl', 'client', 'editor', 'security']
// Accepted when their stage lands; refused by name until then, never silently ignored.
const LATER = {
  '': ['plugins', 'metrics'],
  'security.': ['rateLimit']
}
/** Beside our own those of @fastify/static, but for what the plugin decides itself. */
export const ROOT = [
  'path', 'prefix', 'spa', 'list', 'followSymlinks', 'acceptRanges', 'cacheControl', 'constraints', 'contentType', 'dotfiles', 'etag', 'extensions', 'globIgnore', 'immutable', 'index',
  'lastModified', 'logLevel', 'logSerializers', 'maxAge', 'onFile', 'preCompressed', 'prefixAvoidTrailingSlash', 'redirect', 'schemaHide', 'serveDotFiles', 'setHeaders', 'suppressWarning'
] as const satisfies readonly (keyof RootOptions)[]
const isBackend = oneOf('auto', 'native', 'poll')
const isBuilder = (v: unknown): v is Builder | BuildFunction =>
  typeof v === 'function' || (typeof v === 'object' && v !== null && typeof (v as Builder).build === 'function')
const isFunction = (v: unknown): v is (...args: never[]) => unknown => typeof v === 'function'
const isTransformer = (v: unknown): v is Transformer => isFunction(v) || (typeof v === 'object' && v !== null && isFunction((v as { stream?: unknown }).stream))
const isRule = (v: unknown): v is IgnoreRule => (typeof v === 'string' && v !== '') || v instanceof RegExp || isFunction(v)

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, _UNKNOWN_OPTION, _NOT_YET, _INVALID_ROOT, _DUPLICATE */
export function parseOptions (raw: LiveReloadOptions, cwd = process.cwd(), env: NodeJS.ProcessEnv = process.env): Settings {
  const given = fields('options', raw)
  known('', given, OPTIONS, LATER[''])
  const backend = check('backend', given.backend ?? 'auto', "'auto', 'native' or 'poll'", isBackend)
  return Object.freeze({
    enabled: check('enabled', given.enabled ?? env.NODE_ENV !== 'production', 'true or false', isBoolean),
    cwd,
    roots: parseRoots(given.root, cwd),
    watch: paths('watch', given.watch, cwd),
    builds: parseBuilds(given.build, cwd),
    ignore: parseRules('ignore', given.ignore),
    gitignore: check('gitignore', given.gitignore ?? true, 'true or false', isBoolean),
    debounce: integer('debounce', given.debounce, 0, 0, 60_000),
    backend: check('LIVE_RELOAD_WATCH_BACKEND', env.LIVE_RELOAD_WATCH_BACKEND || backend, "'auto', 'native' or 'poll'", isBackend),
    pollInterval: integer('pollInterval', given.pollInterval, 300, 10, 3_600_000),
    path: parsePath(given.path),
    inject: parseInject(given.inject),
    transform: array(given.transform).map((one, i) => check(`transform[${i}]`, one, 'a function (html, context) => html, or { stream(context) }', isTransformer)),
    errorPages: check('errorPages', given.errorPages ?? true, 'true or false', isBoolean),
    cacheControl: check('cacheControl', given.cacheControl ?? 'no-cache', 'a Cache-Control value or false',
      (v): v is string | false => v === false || matching(/^[\t\x20-\x7e]+$/)(v)),
    client: parseClient(given.client, given.editor !== false),
    connect: parseConnect(given.client),
    update: parseUpdate(given.client),
    editor: check('editor', given.editor, 'a command or false', (v): v is string | false | undefined => v === undefined || v === false || matching(/^(?=.*\S)[^\0\r\n]+$/)(v)),
    security: parseSecurity(given.security)
  } satisfies Settings)
}

function parseRoots (raw: unknown, cwd: string): RootSettings[] {
  return array(raw).map((item, i) => {
    const name = Array.isArray(raw) ? `root[${i}]` : 'root'
    const bare = typeof item === 'string' || item instanceof URL
    const { path, prefix: mount = '/', spa = false, list = false, followSymlinks = false, ...rest } =
      bare ? { path: item } as Record<string, unknown> : fields(name, item, 'a path, a file: URL or { path, prefix, spa, list, ... }')
    known(`${name}.`, rest, ROOT)
    const prefix = `${check(`${name}.prefix`, mount, 'a path of ASCII characters that begins with "/"', matching(/^\/[!"$-)+-9;->@-~]*$/)).replace(/\/+$/, '')}/`
    const fallback = check(`${name}.spa`, spa, 'true, false or a file name below the root', (v): v is string | boolean => isBoolean(v) || matching(/./)(v))
    return {
      path: parseDirectory(bare ? name : `${name}.path`, path, cwd),
      prefix,
      spa: fallback === true ? 'index.html' : fallback,
      list: list as RootOptions['list'],
      followSymlinks: check(`${name}.followSymlinks`, followSymlinks, 'true or false', isBoolean),
      static: rest
    }
  })
}

function parseBuilds (raw: unknown, cwd: string): BuildSettings[] {
  const names = new Set<string>()
  return array(raw).map((item, i) => {
    const option = Array.isArray(raw) ? `build[${i}]` : 'build'
    const given = fields(option, item, '{ source, builder, name?, before?, after?, ignore?, timeout? }')
    known(`${option}.`, given, ['name', 'source', 'builder', 'before', 'after', 'afterFailure', 'ignore', 'timeout'])
    const name = check(`${option}.name`, given.name ?? (i === 0 ? 'build' : `build-${i + 1}`), 'a name without line breaks', matching(/^[^\r\n]+$/))
    if (names.has(name)) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`two builds are named ${name}; give each its own \`name\``)
    names.add(name)
    const source = paths(`${option}.source`, given.source, cwd)
    if (source.length === 0) throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(`${option}.source`, 'one path or more', show(given.source))
    return {
      name,
      source,
      builder: check(`${option}.builder`, given.builder, 'a function or a Builder ({ name, build() })', isBuilder),
      hooks: {
        // What a hook may be is checked where it is made (`build/hooks.ts`), with the same coded error.
        ...given.before !== undefined && { before: given.before as Hooks },
        ...given.after !== undefined && { after: given.after as Hooks },
        afterFailure: check(`${option}.afterFailure`, given.afterFailure ?? 'warn', "'warn' or 'fail'", oneOf('warn', 'fail'))
      },
      timeout: integer(`${option}.timeout`, given.timeout, 300_000, 1, 2 ** 31 - 1),
      ignore: parseRules(`${option}.ignore`, given.ignore)
    }
  })
}

function parsePath (raw: unknown): string {
  const expected = 'a path such as "/__live": each segment of letters, digits, "-", "_" and "." behind a slash, no host and no port'
  return check('path', raw ?? '/__live', expected, matching(/^(\/[\w.-]*[\w-][\w.-]*)+\/?$/)).replace(/\/$/, '')
}

function parseInject (raw: unknown): Settings['inject'] {
  if (raw === false) return false
  const given = fields('inject', raw ?? {}, 'false or { position?, when? }')
  known('inject.', given, ['position', 'when'])
  const position = check('inject.position', given.position ?? 'head', "'head' or 'body'", oneOf('head', 'body'))
  if (given.when === undefined) return { position }
  return { position, when: check('inject.when', given.when, 'a function (request, reply) => boolean', isFunction) as NonNullable<InjectOptions['when']> }
}

function parseClient (raw: unknown, editor: boolean): ClientSettings {
  const given = fields('client', raw ?? {})
  known('client.', given, ['debounce', 'hidden', 'transport', 'fallbackTimeout', 'overlay', 'badge', 'preserve', 'serviceWorker', 'morph', 'forwardConsole', ...UPDATE_OPTIONS])
  return {
    debounce: integer('client.debounce', given.debounce, 0, 0, 60_000),
    hidden: check('client.hidden', given.hidden ?? 'wait', "'wait' or 'reload'", oneOf('wait', 'reload')),
    overlay: check('client.overlay', given.overlay ?? true, 'true or false', isBoolean),
    badge: parseBadge(given.badge ?? true),
    preserve: check('client.preserve', given.preserve ?? true, 'true or false', isBoolean),
    serviceWorker: check('client.serviceWorker', given.serviceWorker ?? 'warn', "'warn' or 'bypass'", oneOf('warn', 'bypass')),
    morph: check('client.morph', given.morph ?? false, 'true or false', isBoolean),
    editor
  }
}

function parseConnect (raw: unknown): ConnectSettings {
  const given = fields('client', raw ?? {})
  return {
    transport: check('client.transport', given.transport ?? 'auto', "'auto', 'ws' or 'sse'", oneOf('auto', 'ws', 'sse')),
    fallbackTimeout: integer('client.fallbackTimeout', given.fallbackTimeout, 3000, 100, 60_000),
    console: parseConsole(given.forwardConsole)
  }
}

function parseBadge (raw: unknown): ClientSettings['badge'] {
  if (raw === false) return false
  const given = fields('client.badge', raw === true ? {} : raw, 'true, false or { position? }')
  known('client.badge.', given, ['position'])
  const corners = oneOf('bottom-right', 'bottom-left', 'top-right', 'top-left')
  return { position: check('client.badge.position', given.position ?? 'bottom-right', "'bottom-right', 'bottom-left', 'top-right' or 'top-left'", corners) }
}

function parseSecurity (raw: unknown): Settings['security'] {
  const given = fields('security', raw ?? {})
  known('security.', given, ['allowedHosts', 'allowedOrigins', 'maxConnections'], LATER['security.'])
  const each = (name: string, expected: string, test: RegExp) =>
    array(given[name]).map((v, i) => check(`security.${name}[${i}]`, v, expected, matching(test)).toLowerCase())
  return {
    allowedHosts: each('allowedHosts', 'a host name such as "dev.test" or ".dev.test", without scheme and port', /^\.?[\w-]+(\.[\w-]+)*$/),
    allowedOrigins: each('allowedOrigins', 'an origin such as "https://app.test", without a path', /^https?:\/\/[^/?#@\s]+$/i),
    maxConnections: integer('security.maxConnections', given.maxConnections, 200, 1, 1_000_000)
  }
}

function parseRules (name: string, raw: unknown): IgnoreRule[] {
  return array(raw).map((rule, i) => check(`${name}[${i}]`, rule, 'a glob, a RegExp or a function (path) => boolean', isRule))
}

function paths (name: string, raw: unknown, cwd: string): string[] {
  return array(raw).map((item, i) => resolve(cwd, pathOf(Array.isArray(raw) ? `${name}[${i}]` : name, item)))
}

// A root may be missing (its build has not run yet); a file in its place is a mistake.
function parseDirectory (name: string, raw: unknown, cwd: string): string {
  const path = resolve(cwd, pathOf(name, raw))
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isDirectory()) throw new errors.FST_LIVE_RELOAD_INVALID_ROOT(name, show(raw), 'a file')
  return path
}
