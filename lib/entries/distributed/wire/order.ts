// What the broker gets to see of a shard: ids, paths relative to the working directory, hashes and keys, signed.
import type { BuildProfile } from '../../../../types/build.js'
import { errors } from '../../../errors.js'
import { printable } from '../../../shared/text.js'
import { VERSION } from './version.js'
import { isSafePath } from '../../shards/plan/paths.js'
import type { Seal } from './seal.js'

/** What both ends must have. Another version of either may read orders otherwise, or make other results. */
export const PROTOCOL = `fastify-live-reload ${VERSION} on Node.js ${process.versions.node.split('.')[0]}`

export interface Order {
  readonly protocol: string
  /** Names one wave of one build. */
  readonly build: string
  readonly shard: string
  /** Content address of the shard. */
  readonly key: string
  /** Name of its pages and globals in the store. */
  readonly task: string
  /** The module, relative to the working directory, with `/`. */
  readonly module: string
  /** Hash of the module, what it imports, and the lock file. */
  readonly builder: string
  readonly profile: BuildProfile
  /** Milliseconds. 0: no limit. */
  readonly timeout: number
}

/** An order as it lies in the queue. */
export type SignedOrder = Order & { readonly signature: string }

const isText = (v: unknown): boolean => typeof v === 'string' && v !== '' && v.length <= 1_024
const isHash = (v: unknown): boolean => typeof v === 'string' && /^[\da-f]{64}$/.test(v)

const FIELDS: Readonly<Record<keyof Order, (value: unknown) => boolean>> = {
  protocol: isText,
  build: v => typeof v === 'string' && /^[\da-f-]{36}$/.test(v),
  shard: isText,
  key: isHash,
  task: isHash,
  module: v => isText(v) && isSafePath(v as string),
  builder: isHash,
  profile: v => v === 'development' || v === 'production',
  timeout: v => Number.isInteger(v) && (v as number) >= 0 && (v as number) < 2 ** 31
}
const NAMES = Object.keys(FIELDS) as (keyof Order)[]

/** @throws Error when it is none: that would be a mistake of ours. */
export function signOrder (seal: Seal, order: Order): SignedOrder {
  const wrong = wrongField(order)
  if (wrong !== undefined) throw new Error(`an order with a wrong \`${wrong}\` is not sent`)
  return { ...order, signature: seal.sign('order', textOf(order)) }
}

/** The order, or why it is none. What it holds is looked at only when it is signed. */
export function readOrder (seal: Seal, data: unknown): Order | string {
  if (typeof data !== 'object' || data === null) return 'it is no order'
  // First: of another version nothing else can be told, not even whether it is signed.
  const { protocol } = data as Partial<Order>
  if (isText(protocol) && protocol !== PROTOCOL) {
    const { code, message } = new errors.FST_LIVE_RELOAD_OTHER_VERSION(printable(protocol as string, 100), PROTOCOL)
    return `${code}: ${message}`
  }
  const { signature, ...order } = data as SignedOrder
  const known = Object.keys(order).every(name => name in FIELDS)
  if (!known || wrongField(order) !== undefined) return 'it is no order'
  return seal.isSigned('order', textOf(order), signature) ? order : 'it is not signed with the secret of this worker'
}

function wrongField (order: Order): string | undefined {
  return NAMES.find(name => !FIELDS[name](order[name]))
}

function textOf (order: Order): string {
  return JSON.stringify(NAMES.map(name => order[name]))
}
