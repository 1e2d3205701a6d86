// `app.liveReload.status()` and `GET <path>/health`: how the whole is doing.
import type { FastifyInstance } from 'fastify'
import type { WatchStatus } from '../../types/change.js'
import type { BuildStatus } from '../../types/message.js'
import type { FallbackCounts, LiveReloadStatus } from '../../types/status.js'
import { OWN_ROUTE } from '../shared/own-routes.js'
import { worstOf } from '../shared/watching/watch-state.js'

export interface StatusParts {
  readonly epoch: string
  readonly pipeline: {
    readonly seq: number
    readonly paused: boolean
    watches (): WatchStatus[]
  }
  readonly builds: Record<string, BuildStatus>
  /** Open connections. */
  readonly transports: LiveReloadStatus['transports']
  fallbacks (): FallbackCounts
}

export function readStatus ({ epoch, pipeline, builds, transports, fallbacks }: StatusParts): LiveReloadStatus {
  const watch = joinWatches(pipeline.watches())
  const reason = whyStale(watch, builds)
  return {
    ok: reason === undefined,
    ...(reason !== undefined && { reason }),
    enabled: true,
    epoch,
    seq: pipeline.seq,
    clients: Object.values(transports).reduce((sum, count) => sum + count, 0),
    transports,
    fallbacks: fallbacks(),
    paused: pipeline.paused,
    watch,
    builds
  }
}

/** One status for all watches: the worst state, and every root. */
function joinWatches (watches: readonly WatchStatus[]): WatchStatus {
  const { state = 'ok', reason } = worstOf(watches) ?? {}
  return {
    state,
    ...(reason !== undefined && { reason }),
    roots: [...new Set(watches.flatMap(watch => watch.roots))],
    files: watches.reduce((sum, watch) => sum + watch.files, 0)
  }
}

/** Why tabs may be stale, or `undefined`. A build that failed is known and shown, so it is no reason. */
function whyStale (watch: WatchStatus, builds: Readonly<Record<string, BuildStatus>>): string | undefined {
  if (watch.state === 'failed') return watch.reason ?? 'not watching'
  const unknown = Object.entries(builds).filter(([, build]) => build.ms === undefined).map(([name]) => name)
  return unknown.length > 0 ? `not built yet: ${unknown.join(', ')}` : undefined
}

/** `status`: without paths of the machine. */
export function serveHealth (scope: FastifyInstance, status: () => LiveReloadStatus): void {
  scope.get('/health', OWN_ROUTE, (_request, reply) => {
    const now = status()
    // Sent as text, so that preSerialization hooks of the app do not change it.
    reply.code(now.ok ? 200 : 503).type('application/json; charset=utf-8').send(JSON.stringify(now))
  })
}
