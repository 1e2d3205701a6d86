// The options of `sharded()`, checked.
import { resolve } from 'node:path'
import type { DerivedPages, Merge, Page, Partition, ShardCache, ShardRunner, ShardedOptions } from '../../../types/shards.js'
import type { BuildRequest } from '../../../types/build.js'
import { array, check, choice, fields, integer, isFunction, known, matching, pathOf, type Guard } from '../../options/check.js'
import { by } from './partition/by.js'
import { local } from './run/local.js'

export type DerivedSettings = Pick<DerivedPages, 'pages'> & { readonly module: string, readonly partition: Partition }

export interface ShardedSettings {
  readonly name: string
  readonly pages: ShardedOptions['pages']
  /** Absolute. */
  readonly module: string
  /** Absolute, or undefined for that of the request. */
  readonly outDir: string | undefined
  readonly merge: Merge | undefined
  readonly derived: readonly DerivedSettings[]
  readonly partition: Partition
  readonly shards: number | false | undefined
  readonly minPages: number
  readonly cache: ShardCache | undefined
  readonly isFailFast: boolean
  readonly globals: ((pages: readonly Page[], request: BuildRequest) => unknown) | undefined
  readonly globalsFor: ((globals: unknown, pages: readonly Page[]) => unknown) | undefined
  readonly runner: ShardRunner
  readonly timeout: number | undefined
  readonly version: string
}

/** A shard has some hundred pages: one that takes so long hangs, and is to be named before the whole build is given up. */
const DEFAULT_TIMEOUT_MS = 120_000
const NAMES = ['pages', 'shard', 'outDir', 'merge', 'derived', 'partition', 'shards', 'minPages', 'cache', 'errors', 'globals', 'globalsFor', 'on', 'timeout', 'version', 'name']
const has = <T>(...methods: (keyof T & string)[]): Guard<T> => (v): v is T => typeof v === 'object' && v !== null && methods.every(name => isFunction(Reflect.get(v, name)))

/** @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION */
export function parseSharded (raw: unknown): ShardedSettings {
  const given = fields('sharded(options)', raw)
  known('sharded.', given, NAMES)
  const optionalFunction = <T>(name: string): T | undefined => given[name] === undefined ? undefined : check(`sharded.${name}`, given[name], 'a function', isFunction) as T
  const module = resolve(pathOf('sharded.shard', given.shard))
  return {
    name: given.name === undefined ? 'site' : check('sharded.name', given.name, 'a text', matching(/./)),
    pages: check('sharded.pages', given.pages, 'a function that gives the pages', isFunction) as ShardedOptions['pages'],
    module,
    outDir: given.outDir === undefined ? undefined : resolve(pathOf('sharded.outDir', given.outDir)),
    merge: optionalFunction('merge'),
    derived: array(given.derived).map((one, i) => parseDerived(Array.isArray(given.derived) ? `sharded.derived[${i}]` : 'sharded.derived', one, module)),
    partition: optionalFunction<Partition>('partition') ?? by.hash,
    shards: given.shards === undefined || given.shards === false ? given.shards : integer('sharded.shards', given.shards, 1, 1, 4_096),
    minPages: integer('sharded.minPages', given.minPages, 500, 0, Number.MAX_SAFE_INTEGER),
    cache: given.cache === undefined ? undefined : check('sharded.cache', given.cache, 'a cache ({ get(key), put(key, value) })', has<ShardCache>('get', 'put')),
    isFailFast: choice('sharded.errors', given.errors, 'collect', 'fail-fast') === 'fail-fast',
    globals: optionalFunction('globals'),
    globalsFor: optionalFunction('globalsFor'),
    runner: given.on === undefined ? local() : check('sharded.on', given.on, 'a runner, such as local()', has<ShardRunner>('run')),
    timeout: given.timeout === undefined && given.shards === false ? undefined : integer('sharded.timeout', given.timeout, DEFAULT_TIMEOUT_MS, 1, 2 ** 31 - 1),
    version: given.version === undefined ? '' : check('sharded.version', given.version, 'a text', (v): v is string => typeof v === 'string')
  }
}

function parseDerived (name: string, raw: unknown, module: string): DerivedSettings {
  const given = fields(name, raw, '{ pages(results, request), shard?, partition? }')
  known(`${name}.`, given, ['pages', 'shard', 'partition'])
  return {
    pages: check(`${name}.pages`, given.pages, 'a function that gives the pages', isFunction) as DerivedPages['pages'],
    module: given.shard === undefined ? module : resolve(pathOf(`${name}.shard`, given.shard)),
    // Tags and search fragments have no section or version: by one of these all of them would be one shard.
    partition: given.partition === undefined ? by.hash : check(`${name}.partition`, given.partition, 'a function', isFunction) as Partition
  }
}
