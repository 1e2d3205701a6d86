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
  /** False when the plugin is off. */
  readonly enabled: boolean
  /** Identifies this server process. */
  readonly epoch: string
  /** Number of the newest change that was sent. */
  readonly seq: number
  /** Open connections. */
  readonly clients: number
  /** The same by transport. */
  readonly transports: Readonly<Record<Transport, number>>
  /** Tabs that changed their transport since the server started, by reason. */
  readonly fallbacks: FallbackCounts
  /** True between `pause()` and `resume()`. */
  readonly paused: boolean
  /** The worst state of all watches (`ok`, `degraded`, `polling`, `failed`), and the reason of one that is in it. */
  readonly watch: WatchStatus
  /** Every build by its name. */
  readonly builds: Readonly<Record<string, BuildStatus>>
}
