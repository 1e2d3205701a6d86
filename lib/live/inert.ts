// `app.liveReload` when the plugin is off: every method exists and does nothing.
import type { LiveReload, ReplyLiveReload } from '../../types/live-reload.js'
import { NO_PLUGINS } from './no-plugins.js'

const noop = (): void => {}

/** `reply.liveReload`. */
export const INERT_REPLY: ReplyLiveReload = { uses: noop }

export function createInert (path: string): LiveReload {
  return {
    enabled: false,
    path,
    epoch: '',
    token: '',
    clients: 0,
    ready: Promise.resolve(),
    reload: noop,
    update: noop,
    build: async () => [],
    pause: noop,
    resume: noop,
    reconnect: noop,
    send: noop,
    watch: () => noop,
    transform: () => noop,
    routes: noop,
    allows: () => false,
    tag: () => '',
    status: () => ({
      ok: true,
      enabled: false,
      epoch: '',
      seq: 0,
      clients: 0,
      transports: { ws: 0, sse: 0 },
      fallbacks: { timeout: 0, failed: 0, forced: 0 },
      paused: false,
      watch: { state: 'ok', roots: [], files: 0 },
      builds: {}
    }),
    connections: () => [],
    report: () => noop,
    emit: noop,
    extend: noop,
    on: () => noop,
    plugins: NO_PLUGINS
  }
}
