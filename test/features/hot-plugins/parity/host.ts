// The app around the plugin: hooks of every kind, decorators, parsers, schemas, handlers and the usual plugins, before the plugin and after it.
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyPluginAsync, FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import liveReload from '../../../../lib/index.js'
import '../../../support/preload.js'

const { default: site, autoPrefix } = await import(new URL('plugins/site.js', import.meta.url).href) as { default: FastifyPluginAsync<{ given: number }>, autoPrefix: string }

type Factory = (options: object) => FastifyInstance

export interface Host {
  readonly app: FastifyInstance
  /** What ran, in order. */
  readonly trace: string[]
}

const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onResponse', 'onError'] as const

export async function startHost (t: Test, fastify: Factory, kind: 'native' | 'hot', options: FastifyServerOptions & { readonly http2?: true } = {}): Promise<Host> {
  const trace: string[] = []
  const app = fastify({ forceCloseConnections: true, genReqId: () => 'id', trustProxy: true, routerOptions: { maxParamLength: 150 }, ...options })
  t.teardown(() => app.close())
  addHooks(app, trace, 'app')
  app.addHook('onRoute', ({ method, url }) => { if (url.startsWith(autoPrefix)) trace.push(`app onRoute ${String(method)} ${url}`) })
  app.decorate('steps', { getter: () => trace })
  app.decorate('shared', function (this: FastifyInstance) { return `shared ${this.prefix}` })
  app.decorateRequest('user', 'nobody')
  app.decorateRequest('list', { getter: () => ['of the app'] })
  app.decorateReply('greet', function (this: { statusCode: number }, name: string) { return `hello ${name} ${this.statusCode}` })
  app.addHook('onRequest', async request => { Object.assign(request, { user: 'somebody' }) })
  app.addContentTypeParser('application/x-app', { parseAs: 'string' }, (_request, body, done) => done(null, { app: body }))
  app.addSchema({ $id: 'appThing', type: 'object', properties: { name: { type: 'string' }, size: { type: 'integer', default: 3 } } })
  app.setErrorHandler((error: Error & { statusCode?: number, validation?: unknown }, _request, reply) => reply.code(error.statusCode ?? 500).send({ handled: error.message, validation: error.validation ?? null }))
  await app.register(cookie, { secret: 'a secret that is long enough' })
  await app.register(cors, { origin: true })
  await app.register(helmet)
  await app.register(rateLimit, { global: false })
  await app.register(websocket)
  await app.register(swagger, { openapi: { info: { title: 'x', version: '1' } } })
  await app.register(liveReload, kind === 'hot' ? { plugins: { dir: new URL('plugins', import.meta.url), options: { given: 1 } } } : {})
  if (kind === 'native') await app.register(site, { given: 1, prefix: autoPrefix })
  // What comes later reaches a native child, too.
  addHooks(app, trace, 'late')
  app.decorate('late', true)
  app.addSchema({ $id: 'lateThing', type: 'string' })
  app.setNotFoundHandler({ preHandler: async () => { trace.push('404 preHandler') } }, (request, reply) => reply.code(404).send({ nowhere: request.url }))
  app.get('/:app', async () => 'a route of the app that matches much')
  return { app, trace }
}

function addHooks (app: FastifyInstance, trace: string[], who: string): void {
  for (const name of HOOKS) app.addHook(name as 'onRequest', async function (request) { if (request.url.startsWith(autoPrefix)) trace.push(`${who} ${name}`) })
}
