// The entry `fastify-live-reload/shards`: builds of large sites, over processors.
export { sharded } from './sharded.js'
export { by } from './partition/by.js'
export { fileCache, type FileCacheOptions } from './cache/file-cache.js'
export { local, type LocalOptions } from './run/local.js'
export { inlineExecutor, processExecutor, threadExecutor, type PoolExecutorOptions } from './run/executors.js'
export type { Executor, ExecutorKind, Task, TaskContext, TaskError, TaskErrorCode, TaskOptions } from '../builds/executors/executor.js'
export type {
  DerivedPages, FeedEntry, Merge, Page, PageReference, PartialShardResult, Partition, SearchEntry, Shard, ShardCache, ShardContext, ShardFile, ShardJob,
  ShardModule, ShardOutcome, ShardResult, ShardRunner, ShardTask, ShardedBuilder, ShardedOptions, ShardedOverrides, SitemapEntry
} from '../../types/shards.js'
