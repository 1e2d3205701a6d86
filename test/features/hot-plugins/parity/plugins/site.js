// A plugin that uses what Fastify has. Registered natively and as a hot plugin, it must answer the same.
import { Readable } from 'node:stream'

const HTML = '<!doctype html><html><head><title>x</title></head><body>site</body></html>'
const schema = properties => ({ type: 'object', properties, required: Object.keys(properties) })

export const autoPrefix = '/site'

export default async function site (app, options) {
  const trace = app.steps
  for (const name of ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onResponse', 'onError', 'onTimeout', 'onRequestAbort']) {
    app.addHook(name, async function (_request) { trace.push(`site ${name} ${this.prefix}`) })
  }
  for (const name of ['onReady', 'onListen', 'onClose', 'preClose']) app.addHook(name, async () => { trace.push(`site ${name}`) })
  app.addHook('onRoute', ({ method, url }) => { trace.push(`site onRoute ${method} ${url}`) })
  app.decorate('own', 'own of site')
  app.decorateRequest('mark', '')
  app.decorateReply('stamp', function (text) { return this.header('x-stamp', text) })
  app.addSchema({ $id: 'siteWord', type: 'string', maxLength: 4 })
  app.addContentTypeParser('application/x-site', { parseAs: 'string' }, (_request, body, done) => done(null, { site: body }))
  app.addContentTypeParser(/^application\/.*\+lines$/, { parseAs: 'string' }, async (_request, body) => body.split('\n'))
  app.register(basics)
  app.register(bodies)
  app.register(schemas)
  app.register(errors)
  app.register(deep, { prefix: '/deep' })
  app.register(libraries)
  app.register(kinds)
  app.get('/options', async () => options)
}

async function basics (app) {
  app.get('/', (request, reply) => reply.type('text/html').send(HTML))
  app.get('/json', async (request, reply) => {
    request.mark = 'marked'
    reply.stamp('stamped')
    return { mark: request.mark, user: request.user, list: request.list, own: app.own, shared: app.shared(), greeting: reply.greet('you'), query: request.query }
  })
  app.get('/me', async request => ({
    id: typeof request.id,
    url: request.url,
    originalUrl: request.originalUrl,
    route: request.routeOptions.url,
    method: request.routeOptions.method,
    config: request.routeOptions.config,
    limit: request.routeOptions.bodyLimit,
    is404: request.is404,
    ip: request.ip,
    prefix: app.prefix,
    sameServer: request.server.server === app.server,
    plugins: ['@fastify/cookie', 'late', 'site'].map(name => app.hasPlugin(name)),
    decorators: ['own', 'shared', 'late', 'nothing'].map(name => app.hasDecorator(name)),
    decorated: [app.hasRequestDecorator('user'), app.hasRequestDecorator('mark'), app.hasReplyDecorator('greet'), app.hasReplyDecorator('stamp')],
    types: ['application/json', 'application/x-app', 'application/x-site', 'text/x-none'].map(type => app.hasContentTypeParser(type)),
    schemas: Object.keys(app.getSchemas()).sort(),
    config2: app.initialConfig.bodyLimit
  }))
  app.get('/p/:id', async ({ params }) => params)
  app.get('/r/:id(^\\d+)-:rest', async ({ params }) => params)
  app.get('/w/*', async ({ params }) => params)
  app.get('/host', { constraints: { host: 'one.test' } }, async () => 'one')
  app.get('/version', { constraints: { version: '1.2.0' } }, async () => 'v1')
  app.get('/version', { constraints: { version: '2.0.0' } }, async () => 'v2')
  app.get('/no-head', { exposeHeadRoute: false }, async () => 'no head')
  app.route({ method: ['PUT', 'PATCH'], url: '/several', handler: async ({ method }) => method })
  app.all('/all', async ({ method }) => method)
  app.get('/hooked', {
    onRequest: async () => { app.steps.push('route onRequest') },
    preHandler: [async () => { app.steps.push('route preHandler 1') }, (_request, _reply, done) => { app.steps.push('route preHandler 2'); done() }],
    onSend: async (_request, _reply, payload) => { app.steps.push('route onSend'); return `${payload}!` },
    preSerialization: async (_request, _reply, payload) => ({ ...payload, more: 1 })
  }, async () => ({ hooked: true }))
}

async function bodies (app) {
  app.post('/echo', async ({ body }) => ({ body: body ?? null }))
  app.post('/small', { bodyLimit: 10 }, async ({ body }) => body)
  app.delete('/gone', async (_request, reply) => reply.code(204).send())
  app.get('/early', { preHandler: async (_request, reply) => reply.code(202).send('early') }, async () => 'late')
  app.get('/denied', { onRequest: async (_request, reply) => reply.code(401).send({ denied: true }) }, async () => 'in')
}

async function schemas (app) {
  app.post('/valid', { schema: { body: schema({ age: { type: 'integer' }, word: { $ref: 'siteWord#' } }) } }, async ({ body }) => body)
  app.post('/shared', { schema: { body: { $ref: 'appThing#' } } }, async ({ body }) => body)
  app.get('/query', { schema: { querystring: schema({ n: { type: 'integer', minimum: 1 } }) } }, async ({ query }) => query)
  app.get('/params/:n', { schema: { params: schema({ n: { type: 'integer' } }) } }, async ({ params }) => params)
  app.get('/headers', { schema: { headers: schema({ 'x-need': { type: 'string' } }) } }, async ({ headers }) => headers['x-need'])
  app.get('/response', { schema: { response: { 200: { type: 'object', properties: { kept: { type: 'string' } } } } } }, async () => ({ kept: 5, dropped: 1 }))
  app.get('/attach', { attachValidation: true, schema: { querystring: schema({ n: { type: 'integer' } }) } }, async ({ validationError }) => validationError.message)
}

async function errors (app) {
  app.get('/throw', async () => { throw new Error('thrown') })
  app.get('/coded', async () => { throw Object.assign(new Error('teapot'), { statusCode: 418, code: 'TEAPOT' }) })
  app.get('/sent', (_request, reply) => { reply.send(new TypeError('sent')) })
  app.get('/own-error', { errorHandler: (error, _request, reply) => reply.code(409).send({ own: error.message }) }, async () => { throw new Error('x') })
  app.get('/not-found', (_request, reply) => reply.callNotFound())
  app.get('/undefined', (_request, reply) => { reply.send() })
  app.get('/broken-stream', (_request, reply) => reply.send(new Readable({ read () { this.destroy(Object.assign(new Error('broken'), { statusCode: 503 })) } })))
  app.register(async inner => {
    inner.setErrorHandler((error, _request, reply) => reply.code(422).send({ inner: error.message }))
    inner.get('/inner-error', async () => { throw new Error('inside') })
    inner.get('/again', async () => { throw new Error('again') })
  })
}

async function deep (app) {
  app.addHook('onRequest', async () => { app.steps.push('deep onRequest') })
  app.setNotFoundHandler({ preHandler: async () => { app.steps.push('deep 404 preHandler') } }, (request, reply) => reply.code(404).send(`deep: no ${request.url} ${request.is404}`))
  app.get('/', async () => 'deep')
  app.get('/not-found', (_request, reply) => reply.callNotFound())
  app.setReplySerializer(payload => `serialized ${JSON.stringify(payload)}`)
  app.get('/serialized', async () => ({ a: 1 }))
}

async function libraries (app) {
  app.get('/cookie', async (request, reply) => reply.setCookie('seen', 'yes', { path: '/' }).send(request.cookies))
  app.get('/signed', async (request, reply) => reply.setCookie('s', 'secret', { signed: true }).send(request.unsignCookie(request.cookies.s ?? 'none')))
  app.get('/limited', { config: { rateLimit: { max: 1, timeWindow: 60_000 } } }, async () => 'few')
  app.get('/socket', { websocket: true }, (socket, request) => {
    socket.on('message', data => socket.send(`${request.user} ${data}`))
  })
}

async function kinds (app) {
  app.get('/stream', (_request, reply) => reply.type('text/plain').send(Readable.from(['a', 'b', 'c'])))
  app.get('/html-stream', (_request, reply) => reply.type('text/html').send(Readable.from([HTML.slice(0, 30), HTML.slice(30)])))
  app.get('/buffer', (_request, reply) => reply.type('application/octet-stream').send(Buffer.from('bytes')))
  app.get('/response-object', async () => new Response('web', { status: 201, headers: { 'x-web': '1', 'content-type': 'text/plain' } }))
  app.get('/redirect', (_request, reply) => reply.redirect('/site/json', 303))
  app.get('/raw', (_request, reply) => {
    reply.hijack()
    reply.raw.end('raw')
  })
  app.get('/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const n of [1, 2]) reply.raw.write(`data: ${n}\n\n`)
    setTimeout(() => reply.raw.end(), 5)
  })
  app.get('/trailer', (_request, reply) => {
    reply.trailer('x-sum', async () => 'sum')
    reply.send('with trailer')
  })
}
