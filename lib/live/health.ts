// What is known about the whole: `app.liveReload.status()` and `GET <path>/health`.
import type { FastifyInstance } from 'fastify'
import type { WatchStatus } from '../../types/change.js'
import type { BuildStatus } from '../../types/message.js'
import type { LiveReloadStatus } from '../../types/status.js'

const GRAVITY = ['ok', 'degraded', 'polling', 'failed']

/** The worst of all watches, with every root. */
export function worst (watches: readonly WatchStatus[]): WatchStatus {
  const [first] = [...watches].sort((a, b) => GRAVITY.indexOf(b.state) - GRAVITY.indexOf(a.state))
  return {
    state: first?.state ?? 'ok',
    ...(first?.reason !== undefined && { reason: first.reason }),
    roots: [...new Set(watches.flatMap(watch => watch.roots))],
    files: watches.reduce((sum, watch) => sum + watch.files, 0)
  }
}

/** Why tabs may be stale, or `undefined`. A build that failed is known and shown: no reason to doubt. */
export function doubt (watch: WatchStatus, builds: Readonly<Record<string, BuildStatus>>): string | undefined {
  if (watch.state === 'failed') return watch.reason ?? 'not watching'
  const unknown = Object.entries(builds).filter(([, build]) => build.ms === undefined).map(([name]) => name)
  return unknown.length > 0 ? `not built yet: ${unknown.join(', ')}` : undefined
}

export function serveHealth (scope: FastifyInstance, status: () => LiveReloadStatus): void {
  scope.get('/health', (_request, reply) => {
    const now = status()
    // As text: what the app puts around its own JSON (preSerialization) is not for ours.
    reply.code(now.ok ? 200 : 503).type('application/json; charset=utf-8').send(JSON.stringify(now))
  })
}
