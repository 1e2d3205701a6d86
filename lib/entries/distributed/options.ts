// The options of `distributed()` and `serveShards()`, checked.
import { resolve } from 'node:path'
import type { ShardCache } from '../../../types/shards.js'
import type { Executor } from '../../builds/executors/executor.js'
import { array, check, choice, fields, integer, isFunction, known, matching, pathOf } from '../../options/check.js'
import { fileCache } from '../shards/cache/file-cache.js'
import { errors } from '../../errors.js'

export type BrokerKind = 'redis' | 'postgres'

/** What both ends share. Both must be given the same. */
export interface BrokerOptions {
  /** A URL (`redis://`, `rediss://`, `postgres://`), or the options of ioredis or of a pool of pg. */
  connection: string | Readonly<Record<string, unknown>>
  /** @default by the URL, else 'redis' */
  backend?: BrokerKind
  /** Where tasks and results lie: a directory that all machines share, or `{ get, put }`. */
  store: string | URL | ShardCache
  /** Signs what is sent. At least 16 characters. @default the environment variable `LIVE_RELOAD_WORKER_SECRET` */
  secret?: string
  /** Parts the sites that share a broker. @default 'default' */
  project?: string
  /** Milliseconds after which the shard of a worker that is gone may be given to another. @default 10_000 */
  lockDuration?: number
  /** Milliseconds between looks for workers that are gone. @default 3_000 */
  stalledInterval?: number
}

export interface DistributedOptions extends BrokerOptions {
  /** Milliseconds to reach the broker. After that the shards are built here. @default 2_000 */
  connectTimeout?: number
  /** Milliseconds the broker may take to answer. After that the shards are built here. @default 2_000 */
  answerTimeout?: number
  /** Milliseconds the store may take to answer. After that the shards are built here. @default 10_000 */
  storeTimeout?: number
  /** Milliseconds in which a worker must begin. After that the shards are built here. @default 5_000 */
  beginTimeout?: number
  /** Milliseconds without any progress. After that the shards are built here. @default 600_000 */
  progressTimeout?: number
  /** Called for each shard that was not in the store: for metrics. */
  onShard? (report: ShardReport): void | Promise<void>
}

/** What a shard took. */
export interface ShardReport {
  readonly shard: string
  readonly where: 'worker' | 'local'
  /** Milliseconds from its order to its result. */
  readonly totalMs: number
  /** Milliseconds of work. */
  readonly ms: number
}

export interface ServeOptions extends BrokerOptions {
  /** Shards at once. @default as many as the executor runs */
  concurrency?: number
  /** The directory of the sources, laid out as that of the server. @default process.cwd() */
  cwd?: string | URL
  /** Where modules run; not inline. It is shared and left open. @default processExecutor() */
  executor?: Executor
  /** Only these modules are run, relative to `cwd`. @default any in `cwd` that is the same as the server's */
  shard?: string | readonly string[]
  /** One line for the log. @default nothing is logged */
  log? (text: string): void
}

export interface BrokerSettings {
  readonly connection: string | Readonly<Record<string, unknown>>
  readonly backend: BrokerKind
  readonly store: ShardCache
  readonly secret: string
  readonly project: string
  readonly lockDuration: number
  readonly stalledInterval: number
}

export interface DistributedSettings extends BrokerSettings {
  readonly connectTimeout: number
  readonly answerTimeout: number
  readonly storeTimeout: number
  readonly beginTimeout: number
  readonly progressTimeout: number
  readonly onShard: (report: ShardReport) => void
}

export interface ServeSettings extends BrokerSettings {
  readonly concurrency: number | undefined
  readonly cwd: string
  readonly executor: Executor | undefined
  /** Relative to `cwd`; undefined for any. */
  readonly modules: readonly string[] | undefined
  readonly log: (text: string) => void
}

const SHARED = ['connection', 'backend', 'store', 'secret', 'project', 'lockDuration', 'stalledInterval']
const MAX_MS = 2 ** 31 - 1

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
export function parseDistributed (raw: unknown): DistributedSettings {
  const given = fields('distributed(options)', raw)
  known('distributed.', given, [...SHARED, 'connectTimeout', 'answerTimeout', 'storeTimeout', 'beginTimeout', 'progressTimeout', 'onShard'])
  const time = (name: string, fallback: number) => integer(`distributed.${name}`, given[name], fallback, 1, MAX_MS)
  return {
    ...parseShared('distributed', given),
    connectTimeout: time('connectTimeout', 2_000),
    answerTimeout: time('answerTimeout', 2_000),
    storeTimeout: time('storeTimeout', 10_000),
    beginTimeout: time('beginTimeout', 5_000),
    progressTimeout: time('progressTimeout', 600_000),
    onShard: hook('distributed.onShard', given.onShard)
  }
}

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
export function parseServe (raw: unknown): ServeSettings {
  const given = fields('serveShards(options)', raw)
  known('serveShards.', given, [...SHARED, 'concurrency', 'cwd', 'executor', 'shard', 'log'])
  return {
    ...parseShared('serveShards', given),
    concurrency: given.concurrency === undefined ? undefined : integer('serveShards.concurrency', given.concurrency, 1, 1, 1_024),
    cwd: resolve(given.cwd === undefined ? process.cwd() : pathOf('serveShards.cwd', given.cwd)),
    executor: given.executor === undefined ? undefined : check('serveShards.executor', given.executor, 'an Executor of processes or threads', isExecutor),
    modules: given.shard === undefined ? undefined : array(given.shard).map(one => check('serveShards.shard', one, 'a path relative to `cwd`', matching(/^[^/\\\0][^\\\0]*$/)).replace(/^\.\//, '')),
    log: optionalFunction('serveShards.log', given.log)
  }
}

function parseShared (name: string, given: Record<string, unknown>): BrokerSettings {
  const { connection, backend, secret = process.env.LIVE_RELOAD_WORKER_SECRET } = given
  const isPostgres = typeof connection === 'string' && /^postgres(?:ql)?:/.test(connection)
  return {
    connection: parseConnection(`${name}.connection`, connection),
    backend: isPostgres ? choice(`${name}.backend`, backend, 'postgres', 'redis') : choice(`${name}.backend`, backend, 'redis', 'postgres'),
    store: parseStore(`${name}.store`, given.store),
    secret: parseSecret(`${name}.secret`, secret),
    project: given.project === undefined ? 'default' : check(`${name}.project`, given.project, 'letters, digits, `.`, `-` and `_`', matching(/^[\w.-]{1,64}$/)),
    lockDuration: integer(`${name}.lockDuration`, given.lockDuration, 10_000, 100, MAX_MS),
    stalledInterval: integer(`${name}.stalledInterval`, given.stalledInterval, 3_000, 100, MAX_MS)
  }
}

/** It may hold a password, so it is not shown. */
function parseConnection (name: string, value: unknown): BrokerSettings['connection'] {
  if (typeof value === 'string' && /^(?:rediss?|postgres(?:ql)?):\/\/./.test(value) && URL.canParse(value)) return value
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(name, 'a URL that begins with redis://, rediss:// or postgres://, or the options of ioredis or pg', value === undefined ? 'undefined' : `another ${typeof value}`)
}

function parseSecret (name: string, value: unknown): string {
  if (typeof value === 'string' && value.length >= 16) return value
  throw new errors.FST_LIVE_RELOAD_INVALID_OPTION(name, 'a text of at least 16 characters, the same on all machines; or set LIVE_RELOAD_WORKER_SECRET', typeof value === 'string' ? `one of ${value.length}` : typeof value)
}

function parseStore (name: string, value: unknown): ShardCache {
  const isCache = (v: unknown): v is ShardCache => typeof v === 'object' && v !== null && isFunction(Reflect.get(v, 'get')) && isFunction(Reflect.get(v, 'put'))
  return isCache(value) ? value : fileCache(pathOf(name, value))
}

function isExecutor (value: unknown): value is Executor {
  const { kind, run } = Object(value) as Partial<Executor>
  return (kind === 'process' || kind === 'thread') && isFunction(run)
}

function optionalFunction<T extends (...args: never[]) => unknown> (name: string, value: unknown): T {
  return (value === undefined ? () => {} : check(name, value, 'a function', isFunction)) as T
}

/** A function that counts must not change a build: what it throws is dropped, also when it is async. */
function hook<T> (name: string, value: unknown): (given: T) => void {
  const run = optionalFunction<(given: T) => void | Promise<void>>(name, value)
  return given => { (async () => run(given))().catch(() => {}) }
}
