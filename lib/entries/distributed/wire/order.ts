// What the broker gets to see of a shard: ids, paths relative to the working directory, hashes and keys, signed.
import type { BuildProfile } from '../../../../types/build.js'
import { isSafePath } from '../../shards/plan/paths.js'
import type { Seal } from './seal.js'

/** Raised when an order, a task or a result is read otherwise. Results of another major version of Node may differ. */
export const PROTOCOL = `1/node-${process.versions.node.split('.')[0]}`

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
  const { signature, ...order } = data as SignedOrder
  const known = Object.keys(order).every(name => name in FIELDS)
  if (!known || wrongField(order) !== undefined) return 'it is no order'
  if (!seal.isSigned('order', textOf(order), signature)) return 'it is not signed with the secret of this worker'
  return order.protocol === PROTOCOL ? order : `it is of the protocol ${order.protocol}, and this worker has ${PROTOCOL}`
}

function wrongField (order: Order): string | undefined {
  return NAMES.find(name => !FIELDS[name](order[name]))
}

function textOf (order: Order): string {
  return JSON.stringify(NAMES.map(name => order[name]))
}
