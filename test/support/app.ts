// An app with the whole plugin, listening, and clients of it.
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import liveReload from '../../lib/index.js'
import type { ServerMessage } from '../../types/message.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { until } from './wait.js'

export interface LiveApp {
  readonly app: FastifyInstance
  readonly port: number
  readonly url: string
  /** What was logged, as JSON lines. */
  readonly lines: string[]
  /** A bare client that knows nothing but the wire. */
  tab (at?: string): Promise<Tab>
}

export interface Tab {
  readonly socket: WebSocket
  readonly got: ServerMessage[]
  readonly reloads: () => number
}

export interface Around {
  readonly before?: (app: FastifyInstance) => unknown
  readonly after?: (app: FastifyInstance) => unknown
  readonly server?: FastifyServerOptions
  /** One that is free, unless it is to be a certain one. */
  readonly port?: number
}

export async function liveApp (t: Test, options: LiveReloadOptions, around: Around = {}): Promise<LiveApp> {
  const lines: string[] = []
  const app: FastifyInstance = Fastify({
    logger: { level: 'info', stream: { write: line => { lines.push(line) } } },
    forceCloseConnections: true,
    ...around.server
  })
  t.teardown(() => app.close())
  await around.before?.(app)
  await app.register(liveReload, options)
  await around.after?.(app)
  await app.listen({ port: around.port ?? 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  // Everything is watched from here on: what a test writes next is a change.
  await app.liveReload.ready
  return { app, port, url: `http://127.0.0.1:${port}`, lines, tab: at => tab(t, port, at) }
}

async function tab (t: Test, port: number, at?: string): Promise<Tab> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/__live/socket${at === undefined ? '' : `?at=${at}`}`)
  const got: ServerMessage[] = []
  socket.on('message', data => got.push(JSON.parse(String(data)) as ServerMessage))
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  await until(() => got[0]?.type === 'hello', 'hello')
  return { socket, got, reloads: () => got.filter(message => message.type === 'reload').length }
}
