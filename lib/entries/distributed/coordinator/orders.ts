// Shards -> signed orders for the queue, and their pages and globals in the store.
import { FileHashes } from '../../shards/plan/file-hashes.js'
import { saltOf } from '../../shards/plan/salt.js'
import type { Shard, ShardJob } from '../../../../types/shards.js'
import { pathWithin, sourcesOf, toPortable } from '../wire/portable.js'
import type { Artifacts } from '../wire/artifacts.js'
import type { Seal } from '../wire/seal.js'
import { PROTOCOL, signOrder, type SignedOrder } from '../wire/order.js'

export interface Orders {
  /** By the id of the job. */
  readonly orders: ReadonlyMap<string, { readonly shard: Shard, readonly order: SignedOrder }>
  /** Shards that no other machine can build, and why. */
  readonly refused: readonly (readonly [Shard, string])[]
}

interface OrderOptions {
  readonly job: ShardJob
  readonly seal: Seal
  readonly artifacts: Artifacts
}

export async function makeOrders (build: string, shards: readonly Shard[], { job, seal, artifacts }: OrderOptions): Promise<Orders> {
  const { file, request, globals, timeout = 0 } = job
  const orders = new Map<string, { shard: Shard, order: SignedOrder }>()
  const refused: [Shard, string][] = []
  const module = pathWithin(request.cwd, file)
  if (module === undefined) return { orders, refused: shards.map(shard => [shard, 'its module lies outside of the working directory']) }
  const known = new FileHashes()
  const { text: builder } = await saltOf(file, request, '', known)
  const hashes = await known.of(request.cwd, shards.flatMap(({ pages }) => sourcesOf(pages)))
  for (const [i, shard] of shards.entries()) {
    const pages = toPortable(request.cwd, shard.pages)
    if (typeof pages === 'string') {
      refused.push([shard, `${pages} lies outside of the working directory`])
      continue
    }
    const given = sourcesOf(shard.pages)
    const named = sourcesOf(pages)
    try {
      const task = await artifacts.putTask({ pages, globals: globals[shard.id], hashes: new Map(named.map((name, j) => [name, hashes.get(given[j] as string) as string])) })
      const profile = request.profile ?? 'development'
      orders.set(`${build}-${i}`, { shard, order: signOrder(seal, { protocol: PROTOCOL, build, shard: shard.id, key: shard.key, task, module, builder, profile, timeout }) })
    } catch (error) {
      refused.push([shard, `its task cannot be stored: ${(error as Error).message}`])
    }
  }
  return { orders, refused }
}
