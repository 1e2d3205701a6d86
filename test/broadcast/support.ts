// A server with every channel and the real gate, and what it was told.
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { serveBeacons } from '../../lib/broadcast/beacon.js'
import { createGate } from '../../lib/broadcast/gate.js'
import { guard } from '../../lib/broadcast/guard.js'
import { Hub } from '../../lib/broadcast/hub.js'
import { serveSse } from '../../lib/broadcast/sse.js'
import { serveSocket } from '../../lib/broadcast/websocket.js'
import type { Connection } from '../../lib/broadcast/channel.js'

export type Part = (app: FastifyInstance) => unknown

export interface Around {
  /** One made by the test. @default one that cuts off connections when it closes */
  readonly app?: FastifyInstance
  readonly before?: Part
  readonly after?: Part
  readonly maxConnections?: number
  readonly http2?: boolean
  readonly https?: object
}

export async function setUp (t: Test, { app: given, before, after, maxConnections = 5, http2 = false, https }: Around = {}) {
  const app = given ?? Fastify({ forceCloseConnections: true, ...http2 && { http2 }, ...https && { https } } as object) as unknown as FastifyInstance
  await before?.(app)
  const said: string[] = []
  const connections: Connection[] = []
  const hub = new Hub({
    maxConnections,
    hello: () => ({ type: 'hello', epoch: 'e', seq: 4, build: { state: 'idle' }, client: { debounce: 20, hidden: 'wait', overlay: false, badge: false, preserve: true, serviceWorker: 'warn', editor: false } }),
    failedBuilds: () => [],
    onMessage: (message, transport) => said.push(`${transport} ${JSON.stringify(message)}`),
    onConnect: connection => connections.push(connection),
    onDisconnect () {},
    log: app.log
  })
  const gate = createGate({ allowedHosts: [], allowedOrigins: [], token: 'secret' })
  let socket: ReturnType<typeof serveSocket> | undefined
  app.register(async scope => {
    guard(scope, gate, app.log)
    socket = serveSocket(scope, hub)
    serveSse(scope, { hub, epoch: 'e' })
    serveBeacons(scope, hub, gate, app.log)
  }, { prefix: '/__live' })
  app.get('/plain', async () => 'plain')
  await after?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => { await hub.close(); await app.close() })
  const { port } = app.server.address() as AddressInfo
  return { app, hub, said, port, connections, reachable: () => socket?.reachable() }
}
