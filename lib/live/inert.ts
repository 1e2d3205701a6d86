// `app.liveReload` when the plugin is off: every verb is there and does nothing.
import type { LiveReload } from '../../types/fastify.js'

export function createInert (): LiveReload {
  return {
    enabled: false,
    clients: 0,
    ready: Promise.resolve(),
    reload () {},
    build: async () => [],
    pause () {},
    resume () {},
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
    saves: () => [],
    on: () => () => {}
  }
}
