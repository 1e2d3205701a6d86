import type { ShardedOptions } from '../../../types/shards.js'

export const shard: URL
/** `formats`: 'html', 'json' and 'txt'. */
export function syntheticSite (dir: string, options?: { formats?: readonly string[] }): Pick<ShardedOptions, 'shard' | 'pages'> & Required<Pick<ShardedOptions, 'globals'>>
