// The entry `fastify-live-reload/distributed`: shards on other machines.
export { distributed } from './coordinator/distributed.js'
export { serveShards } from './worker/serve-shards.js'
export type { BrokerKind, BrokerOptions, DistributedOptions, ServeOptions, ShardReport } from './options.js'
export type { ShardServer } from './worker/serve-shards.js'
export type { Shard, ShardCache, ShardRunner } from '../../../types/shards.js'
