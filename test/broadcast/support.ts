// A server with every channel and the real gate, and what it was told.
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { serveBeacons } from '../../lib/broadcast/beacon.js'
import { createGate } from '../../lib/broadcast/gate.js'
import { guard } from '../../lib/broadcast/guard.js'
import { createHub } from '../../lib/broadcast/hub.js'
import { serveStream } from '../../lib/broadcast/sse.js'
import { routeUpgrades } from '../../lib/broadcast/upgrade.js'
import { serveSocket } from '../../lib/broadcast/websocket.js'
import type { Connection } from '../../lib/broadcast/channel.js'

export type Part = (app: FastifyInstance) => unknown

export interface Around {
  readonly before?: Part
  readonly after?: Part
  readonly maxConnections?: number
  readonly http2?: boolean
  readonly https?: object
}

export async function setUp (t: Test, { before, after, maxConnections = 5, http2 = false, https }: Around = {}) {
  const app = Fastify({ forceCloseConnections: true, ...http2 && { http2 }, ...https && { https } } as object) as unknown as FastifyInstance
  await before?.(app)
  const said: string[] = []
  const connections: Connection[] = []
  const hub = createHub({
    maxConnections,
    hello: () => ({ type: 'hello', epoch: 'e', seq: 4, build: { state: 'idle' }, client: { debounce: 20, hidden: 'wait', overlay: false, badge: false, preserve: true, serviceWorker: 'warn', editor: false } }),
    failing: () => [],
    heard: (message, transport) => said.push(`${transport} ${JSON.stringify(message)}`),
    joined: connection => connections.push(connection),
    left () {},
    log: app.log
  })
  const gate = createGate({ allowedHosts: [], allowedOrigins: [], token: 'secret', listenName: () => undefined })
  app.register(async scope => {
    guard(scope, gate, app.log)
    serveSocket(scope, hub)
    serveStream(scope, { hub, epoch: 'e' })
    serveBeacons(scope, hub, gate, app.log)
  }, { prefix: '/__live' })
  const undo = routeUpgrades(app, '/__live')
  app.get('/plain', async () => 'plain')
  await after?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => { undo(); await hub.close(); await app.close() })
  const { port } = app.server.address() as AddressInfo
  return { app, hub, said, port, connections, undo }
}
