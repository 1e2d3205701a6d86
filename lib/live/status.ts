// What is known about the whole, in one object: `app.liveReload.status()`, and with a few things more the status page.
import type { WatchStatus } from '../../types/change.js'
import type { ClientInfo } from '../../types/transport.js'
import type { BuildStatus } from '../../types/message.js'
import type { LiveReloadStatus, StatusMessage } from '../../types/status.js'
import { doubt, worst } from './health.js'
import type { History } from '../features/status-page/history.js'

export interface StatusParts {
  readonly epoch: string
  readonly pipeline: {
    readonly seq: number
    readonly paused: boolean
    watches (): WatchStatus[]
    builds (): Record<string, BuildStatus>
  }
  clients (): ClientInfo[]
  readonly history: History
}

/** More than a person looks at; a thousand of them would be half a megabyte a second. */
const SHOWN = 50

export function createStatus ({ epoch, pipeline, clients, history }: StatusParts): () => LiveReloadStatus {
  return () => {
    const watch = worst(pipeline.watches())
    const builds = pipeline.builds()
    const reason = doubt(watch, builds)
    const open = clients()
    const ws = open.filter(({ transport }) => transport === 'ws').length
    return {
      ok: reason === undefined,
      ...(reason !== undefined && { reason }),
      enabled: true,
      epoch,
      seq: pipeline.seq,
      clients: open.length,
      transports: { ws, sse: open.length - ws },
      fallbacks: history.fallbacks(),
      paused: pipeline.paused,
      watch,
      builds
    }
  }
}

export function toMessage (status: LiveReloadStatus, clients: readonly ClientInfo[], history: History, forced: StatusMessage['forced']): StatusMessage {
  return {
    type: 'status',
    ...status,
    now: performance.now(),
    uptime: Math.round(process.uptime() * 1000),
    connections: clients.slice(0, SHOWN),
    saves: history.saves(),
    forced
  }
}
