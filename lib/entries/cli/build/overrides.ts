// The flags that change how a site is sharded, and the builders that take them.
import { resolve } from 'node:path'
import type { Builder } from '../../../../types/build.js'
import type { ShardedBuilder, ShardedOverrides } from '../../../../types/shards.js'
import type { BuildSettings } from '../../../options/settings.js'
import { countOf, textOf, UsageError, wordOf, type Values } from '../command.js'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Flags that only `sharded()` understands. `--fail-fast` stops other builds as well. */
const SHARDED_FLAGS = ['shards', 'by', 'versions', 'workers', 'cache']

/** @throws UsageError */
export async function readOverrides (values: Values, cwd: string): Promise<ShardedOverrides> {
  const overrides: Writable<ShardedOverrides> = {}
  if (values.shards !== undefined) overrides.shards = values.shards === 'off' ? false : countOf(values, 'shards')
  if (values['fail-fast'] === true) overrides.errors = 'fail-fast'
  const versions = textOf(values, 'versions')
  if (versions !== undefined) overrides.versions = versions.split(',').map(version => version.trim()).filter(version => version !== '')
  if (overrides.versions?.length === 0) throw new UsageError('--versions must name one version or more, parted by commas')
  return { ...overrides, ...await loadParts(values, cwd) }
}

/** Partition, workers and cache. What makes them is loaded only when one is given. */
async function loadParts (values: Values, cwd: string): Promise<ShardedOverrides> {
  const partition = wordOf(values, 'by', ['hash', 'section', 'version', 'kind'])
  const workers = values.workers === undefined ? undefined : countOf(values, 'workers')
  const cache = textOf(values, 'cache')
  if (partition === undefined && workers === undefined && cache === undefined) return {}
  const { by, fileCache, local } = await import('../../shards/index.js')
  return {
    ...partition !== undefined && { partition: by[partition] },
    ...workers !== undefined && { on: local({ workers }) },
    ...cache !== undefined && { cache: cache === 'off' ? false : fileCache(resolve(cwd, cache)) }
  }
}

/** Builds with their overrides. @throws UsageError when a flag means none of them */
export function override (builds: readonly BuildSettings[], overrides: ShardedOverrides, values: Values): BuildSettings[] {
  const flag = SHARDED_FLAGS.find(name => values[name] !== undefined)
  if (flag !== undefined && !builds.some(({ builder }) => isSharded(builder))) {
    throw new UsageError(`--${flag} needs a builder made by sharded(), and ${builds.map(({ name }) => name).join(', ')} has none`)
  }
  return builds.map(build => isSharded(build.builder) ? { ...build, builder: build.builder.with(overrides) } : build)
}

function isSharded (builder: BuildSettings['builder']): builder is ShardedBuilder {
  // An array has a method of that name, too.
  return !Array.isArray(builder) && typeof (builder as Builder & Partial<ShardedBuilder>).with === 'function'
}
