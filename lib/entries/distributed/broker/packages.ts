// The packages of the queue. They are optional, so they are loaded only when a queue is used.
import type * as BullMQ from 'bullmq'
import type * as IORedis from 'ioredis'
import { errors } from '../../../errors.js'
import { checkPeer, installable, PEERS, type Peer } from '../../shards/peers.js'
import type { BrokerKind } from '../options.js'

export interface Packages {
  readonly bullmq: typeof BullMQ
  /** With Redis. */
  readonly Redis: typeof IORedis.Redis | undefined
}

type Load = (name: string) => Promise<unknown>

/** @throws FST_LIVE_RELOAD_NO_QUEUE, which names the package that is missing, or what was found and what is wanted */
export async function loadPackages (backend: BrokerKind, load: Load = name => import(name), from?: string): Promise<Packages> {
  const get = async (name: Peer): Promise<Record<string, unknown>> => {
    try {
      checkPeer(name, from)
      const module = await load(name) as Record<string, unknown>
      return (module.default ?? module) as Record<string, unknown>
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw new errors.FST_LIVE_RELOAD_NO_QUEUE(`${name} ${PEERS[name]}`, code ?? message, installable(name))
    }
  }
  const bullmq = await get('bullmq') as unknown as typeof BullMQ
  const driver = await get(backend === 'redis' ? 'ioredis' : 'pg')
  return { bullmq, Redis: backend === 'redis' ? (driver.Redis ?? driver) as typeof IORedis.Redis : undefined }
}
