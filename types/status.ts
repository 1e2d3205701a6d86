import type { WatchStatus } from './change.js'
import type { ClientEvents } from './client.js'
import type { BuildStatus } from './message.js'
import type { Transport } from './transport.js'

/** Pages that changed their transport, by reason. */
export type FallbackCounts = Readonly<Record<ClientEvents['fallback']['reason'], number>>

/** What `status()` gives and `GET <path>/health` prints. */
export interface LiveReloadStatus {
  /** True when watching and the last build is known. */
  readonly ok: boolean
  /** Why not `ok`. */
  readonly reason?: string
  readonly enabled: boolean
  readonly epoch: string
  readonly seq: number
  readonly clients: number
  /** The same by transport. */
  readonly transports: Readonly<Record<Transport, number>>
  readonly fallbacks: FallbackCounts
  readonly paused: boolean
  /** The worst state of all watches (`ok`, `degraded`, `polling`, `failed`), and the reason of one that is in it. */
  readonly watch: WatchStatus
  readonly builds: Readonly<Record<string, BuildStatus>>
}
