// An app with the injection alone, and a client that sees what really goes over the wire.
import { once } from 'node:events'
import { request as connect } from 'node:http'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance, FastifyServerOptions } from 'fastify'
import type { Stamp } from '../../types/message.js'
import { addInjection } from '../../lib/inject/hook.js'
import type { InjectionParts } from '../../lib/inject/hook.js'
import { createTag } from '../../lib/inject/tag.js'

export const EPOCH = 'e'
export const TOKEN = 'secret'
export const PAGE = '<!doctype html><html><head><meta charset="utf-8"><title>t</title></head><body><h1>Hi</h1></body></html>'

export const tag = createTag({ url: '/__live/client.js?v=abc', token: TOKEN, connect: { transport: 'auto', fallbackTimeout: 3000, console: [] } })
export const tagAt = (seq: number) => tag(`${EPOCH}:${seq}`)
export const PAGE_WITH_TAG = PAGE.replace('<meta charset="utf-8">', `$&${tagAt(0)}`)

export interface World {
  seq: number
}

/** Injection as `index.ts` wires it; `world.seq` is the newest change. */
export function inject (app: FastifyInstance, given: Partial<InjectionParts> = {}): World {
  const world: World = { seq: 0 }
  addInjection(app, {
    settings: { inject: { position: 'head' }, transform: [], cacheControl: 'no-cache' },
    base: '/__live/',
    stamp: (): Stamp => `${EPOCH}:${world.seq}`,
    changedSeq: () => world.seq,
    tag,
    isHostAllowed: () => true,
    log: app.log as FastifyBaseLogger,
    ...given
  })
  return world
}

export interface Site {
  readonly app: FastifyInstance
  readonly world: World
  readonly lines: { readonly level: number, readonly msg: string, readonly reason?: string }[]
  get (path: string, headers?: OutgoingHttpHeaders, method?: string): Promise<Answer>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

interface Test { teardown (fn: () => unknown): void }

/** Listens on a free port with the routes of `build`, which may add the injection itself. */
export async function site (t: Test, build: (app: FastifyInstance) => unknown, given: Partial<InjectionParts> | false = {}, options: FastifyServerOptions = {}): Promise<Site> {
  const lines: Site['lines'] = []
  const app = Fastify({ logger: { level: 'debug', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } }, forceCloseConnections: true, ...options })
  t.teardown(() => app.close())
  const world = given === false ? { seq: 0 } : inject(app, given)
  await build(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { app, world, lines, get: (path, headers, method) => get(port, path, headers, method) }
}

/** What a browser sends when one opens an address. */
export const NAVIGATION = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }

export async function get (port: number, path: string, headers: OutgoingHttpHeaders = NAVIGATION, method = 'GET'): Promise<Answer> {
  const request = connect({ port, host: '127.0.0.1', path, method, headers, agent: false }).end()
  const [response] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return { status: response.statusCode, headers: response.headers, body, text: body.toString() }
}
