// An app with the whole plugin that listens, and a bare client of it: the one way for a test to start a server.
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import liveReload from '../../lib/index.js'
import './preload.js'
import type { ServerMessage } from '../../types/message.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { type Answer, request, type RequestOptions } from './http.js'
import { until } from './wait.js'

export interface StartedApp {
  readonly app: FastifyInstance
  readonly port: number
  readonly url: string
  /** What was logged, as JSON lines. */
  readonly lines: string[]
  request (target: string, options?: RequestOptions): Promise<Answer>
  /** A bare client that knows nothing but the wire. `at`: what its page was made from; `path`: that of its URL. */
  tab (at?: string, path?: string): Promise<Tab>
}

/** @deprecated */
export type LiveApp = StartedApp

export interface Tab {
  readonly socket: WebSocket
  readonly got: ServerMessage[]
  readonly reloads: () => number
}

export interface Around {
  /** Runs before the plugin is registered. */
  readonly before?: (app: FastifyInstance) => unknown
  /** Runs after the plugin is registered and before the app listens. */
  readonly after?: (app: FastifyInstance) => unknown
  readonly server?: FastifyServerOptions
  /** @default a free one */
  readonly port?: number
}

/** Settles when everything is watched: what a test writes next is a change. */
export async function startApp (t: Test, options: LiveReloadOptions, around: Around = {}): Promise<StartedApp> {
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
  await app.liveReload.ready
  return { app, port, url: `http://127.0.0.1:${port}`, lines, request: (target, options) => request(port, target, options), tab: (at, path) => tab(t, port, at, path) }
}

/** @deprecated */
export const liveApp = startApp

async function tab (t: Test, port: number, at?: string, path?: string): Promise<Tab> {
  const query = new URLSearchParams({ ...at !== undefined && { at }, ...path !== undefined && { path } })
  const socket = new WebSocket(`ws://127.0.0.1:${port}/__live/socket?${query}`)
  const got: ServerMessage[] = []
  socket.on('message', data => got.push(JSON.parse(String(data)) as ServerMessage))
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  await until(() => got[0]?.type === 'hello', 'hello')
  return { socket, got, reloads: () => got.filter(message => message.type === 'reload').length }
}
