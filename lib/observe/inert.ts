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
    status: () => ({ ok: true, enabled: false, epoch: '', seq: 0, clients: 0, paused: false, watch: { state: 'ok', roots: [], files: 0 }, builds: {} }),
    connections: () => [],
    on: () => () => {}
  }
}
