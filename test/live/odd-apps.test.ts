// Whatever an app sets, gives or answers: our routes work, its pages work, and what a hook of the app refuses is said once.
import { test } from 'tap'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { startApp, type Around } from '../support/app.js'
import { folder } from '../support/folder.js'
import { NAVIGATION, upgrade } from '../support/http.js'

const PAGE = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const html = (_request: FastifyRequest, reply: FastifyReply) => reply.type('text/html').send(PAGE)

const CASES: [name: string, around: Around][] = [
  ['querystringParser: null', { server: { querystringParser: (() => null) as never } }],
  ['querystringParser: a text', { server: { querystringParser: (() => 'text') as never } }],
  ['querystringParser: undefined', { server: { querystringParser: (() => undefined) as never } }],
  ['querystringParser: what throws when it is read', { server: { querystringParser: (() => new Proxy({}, { get () { throw new Error('of the app') }, has () { throw new Error('of the app') } })) as never } }],
  ['genReqId: a number', { server: { genReqId: (() => 7) as never } }],
  ['genReqId: an object', { server: { genReqId: (() => ({})) as never } }],
  ['genReqId: a symbol in a text', { server: { genReqId: () => '<b>' } }],
  ['rewriteUrl', { server: { rewriteUrl: request => request.url as string } }],
  ['frameworkErrors', { server: { frameworkErrors: ((_error: Error, _request: FastifyRequest, reply: FastifyReply) => { reply.code(400).send('own') }) as never } }],
  ['trustProxy', { server: { trustProxy: true } }],
  ['trustProxy that never trusts', { server: { trustProxy: () => false } }],
  ['exposeHeadRoutes: false', { server: { exposeHeadRoutes: false } }],
  ['case and slashes', { server: { routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } } }],
  ['ajv that removes and coerces', { server: { ajv: { customOptions: { removeAdditional: 'all', coerceTypes: 'array' } } } }],
  ['a schema compiler that throws', { after: app => app.setValidatorCompiler(() => { throw new Error('of the app') }) }],
  ['bodyLimit: 1', { server: { bodyLimit: 1 } }],
  ['maxParamLength: 1', { server: { routerOptions: { maxParamLength: 1 } } }],
  ['disableRequestLogging', { server: { disableRequestLogging: true } }],
  ['constraints of its own', {
    server: { routerOptions: { constraints: { tenant: { name: 'tenant', storage: () => { const map = new Map<unknown, unknown>(); return { get: (key: unknown) => map.get(key) ?? null, set: (key: unknown, value: unknown) => { map.set(key, value) } } }, deriveConstraint: () => undefined, validate () {} } } } as never }
  }],
  ['a preHandler that replaces query and params', { before: app => app.addHook('onRequest', async request => { Object.assign(request, { query: null }) }) }],
  ['headers as lists and numbers', { before: app => app.addHook('onRequest', async (_request, reply) => { reply.header('vary', ['Accept', 'Cookie'] as never).header('x-number', 7).header('server-timing', ['a;dur=1', 'b;dur=2'] as never) }) }],
  ['a serializer of its own', { after: app => app.setReplySerializer(payload => `own ${JSON.stringify(payload)}`) }],
  ['a preSerialization hook', { before: app => app.addHook('preSerialization', async payload => ({ wrapped: payload })) }],
  ['no body parsers', { before: app => app.removeAllContentTypeParsers() }],
  ['an error handler that throws', { after: app => app.setErrorHandler(() => { throw new Error('of the handler') }) }]
]

for (const [name, around] of CASES) {
  test(`an app with ${name}`, async t => {
    const { path } = folder(t, { 'file.html': PAGE, 'a.css': 'a{}' })
    const { app, port, request, tab } = await startApp(t, { root: { path, prefix: '/files/' } }, {
      ...around,
      after: async app => {
        app.get('/page', html)
        app.get('/boom', () => { throw new Error('boom') })
        await around.after?.(app)
      }
    })
    const query = `?token=${app.liveReload.token}`
    for (const [target, status, text] of [
      ['/page', 200, /data-live-reload/], ['/page?a=b', 200, /data-live-reload/], ['/files/file.html', 200, /data-live-reload/], ['/files/a.css', 200, /^a\{\}$/],
      ['/boom', 500, /./], ['/__live/client.js?v=x', 200, /./], ['/__live/health', 200, /"ok":true/], ['/__live/', 200, /<!doctype/], ['/__live/overlay', 200, /^null$/], [`/__live/status${query}`, 200, /"type":"status"/]
    ] as const) {
      const answer = await request(target, { headers: target.includes('__live') ? {} : NAVIGATION })
      t.equal(answer.status, status, target)
      t.match(answer.text, text, target)
    }
    const applied = await request(`/__live/applied${query}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"seq":1,"kind":"reload","ms":1}' })
    t.equal(applied.status, 204, 'a message by POST')
    const stream = await request('/__live/events?whole', { untilHead: true })
    t.equal(stream.status, 200, 'the stream')
    t.equal((await upgrade(port, '/__live/socket?at=x:1')).status, 101, 'the socket')
    const { got } = await tab(`${app.liveReload.epoch}:99`)
    t.match(got[0], { type: 'hello' })
  })
}

const seenBy = (routes: Map<string, unknown>) => (app: FastifyInstance) => {
  app.addHook('onRoute', ({ url, method, config }) => { routes.set(`${String(method)} ${url}`, (config as { rateLimit?: unknown } | undefined)?.rateLimit) })
}

test('limits of requests leave out each of our routes, also where they are registered first', async t => {
  const routes = new Map<string, unknown>()
  const { request } = await startApp(t, { client: { morph: true, forwardConsole: true } }, { before: seenBy(routes), after: app => app.get('/page', html) })
  const own = [...routes].filter(([route]) => route.includes('/__live'))
  t.ok(own.length > 12, `${own.length} routes`)
  t.strictSame(own.filter(([, limit]) => limit !== false), [])
  t.equal(routes.get('GET /page'), undefined, 'a page of the app counts')
  t.equal((await request('/page')).status, 200)
})

test('request.isLiveReload tells hooks of the app our requests, from the first on', async t => {
  const seen: [string | undefined, boolean][] = []
  const { request } = await startApp(t, {}, {
    before: app => app.addHook('onRequest', async request => { seen.push([request.raw.url, request.isLiveReload]) }),
    after: app => app.get('/page', { config: { liveReload: false } }, html)
  })
  for (const target of ['/__live/health', '/__live/none', '/page', '/%']) await request(target)
  t.strictSame(seen, [['/__live/health', true], ['/__live/none', false], ['/page', false]])
  const off: boolean[] = []
  const { app } = await startApp(t, { enabled: false }, { after: app => app.get('/page', async request => { off.push(request.isLiveReload); return '' }) })
  await app.inject('/page')
  t.strictSame(off, [false])
})
