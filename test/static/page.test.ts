// The route that answers for a page what a navigation would get: whom it asks, whom it refuses, and who may ask.
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import { answerAsking, servePage, tellPath } from '../../lib/static/page.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { liveApp } from '../support/app.js'
import { certificate } from '../support/certificate.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'
import { request } from './support.js'

const ask = (url: string, base = '/__live/') => `/__live/page?${new URLSearchParams({ url, base })}`
const NONE = 'x-no-page'
const DOCUMENT = { 'sec-fetch-dest': 'document' }
const OURS = { 'x-live-reload': '1' }

function start (t: { teardown (fn: () => unknown): void }): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  answerAsking(app, { 'cache-control': 'no-store' })
  app.register(async scope => servePage(scope, app, '/__live/'), { prefix: '/__live' })
  app.get('/*', ({ url, originalUrl, method, headers: { cookie, accept, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } }, reply) => reply.type('text/html').send(JSON.stringify({ url, originalUrl, method, cookie, accept, mode, dest })))
  return app
}

test('a path is asked for as by a navigation, with what the page sent along', async t => {
  const app = start(t)
  for (const url of ['/', '/a', '/a?b=c&d=%26', '/a%20b', '/a//b', '/__livestock', '/x/__live/page', "/~:@!$&'()*+,;=[]|{}^`<>\"", `/${'a'.repeat(8000)}`]) {
    const answer = await app.inject({ url: ask(url), headers: { cookie: 'a=b', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } })
    t.match(answer, { statusCode: 200, headers: { 'content-type': 'text/html', [NONE]: undefined } }, url.slice(0, 40))
    t.match(answer.json(), { url, originalUrl: url, method: 'GET', cookie: 'a=b', accept: /^text\/html/, mode: 'navigate', dest: 'document' }, url.slice(0, 40))
  }
})

test('a prefix that a proxy cuts off is cut off here too', async t => {
  const app = start(t)
  for (const [url, base, path] of [
    ['/docs/a?b', '/docs/__live/', '/a?b'], ['/docs/', '/docs/__live/', '/'], ['/docs', '/docs/__live/', '/docs'], ['/docsx', '/docs/__live/', '/docsx'], ['/a', '/docs/__live/', '/a'], ['/a', '/__live/', '/a'], ['/a', '/elsewhere/', '/a'], ['/a', '', '/a']
  ] as const) t.match((await app.inject(ask(url, base))).json(), { url: path }, `${url} ${base}`)
  for (const [url, base] of [['/docs//evil.test', '/docs/__live/'], ['/docs/__live/health', '/docs/__live/']] as const) {
    t.match(await app.inject(ask(url, base)), { statusCode: 400, headers: { [NONE]: '1' } }, `${url} ${base}`)
  }
})

test('nothing else is asked for', async t => {
  const app = start(t)
  const urls = [
    '', 'a', '?a', '#a', 'http://evil.test/', 'https:evil.test', 'javascript:alert(1)', 'data:text/html,x',
    '//evil.test', '///evil.test', '/\\evil.test', '\\\\evil.test', '/a\\b', ' /a', '/a b', '/\t/evil.test', '/a\r\nset-cookie: a=b', '/a\n', '/a\0', '/é', '/\u2028', `/${'a'.repeat(8192)}`,
    '/__live', '/__live/', '/__live?a', '/__live/page?url=/', '/__live/socket', '/%5f_live/page', '/_%5Flive/', '/x/../__live/page', '/./__live/', '/x/%2e%2e/__live/health', '/__live%2fpage', '/__LIVE/health', '/%5f_Live/', '/__live//health', '/x/..//__live/page'
  ]
  for (const url of urls) t.match(await app.inject(ask(url)), { statusCode: 400, headers: { [NONE]: '1' } }, encodeURI(url).slice(0, 40))
  for (const query of ['', '?', '?url', '?url=/a&url=/b', '?uri=/a']) t.match(await app.inject(`/__live/page${query}`), { statusCode: 400, body: 'live reload: `url` has to be the path of a page of this app' }, query)
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'] as const) t.not((await app.inject({ method, url: ask('/a') })).headers['content-type'], 'text/html', method)
})

test('it has the gate of all our routes', async t => {
  const { path } = folder(t, { 'index.html': '<!doctype html><html><head></head><body><h1>x</h1></body></html>' })
  const { port } = await liveApp(t, { root: path })
  const { text: html } = await request(port, '/index.html', { accept: 'text/html' })
  const token = /data-token="([^"]+)"/.exec(html)?.[1] ?? ''
  for (const [query, headers, status] of [['', {}, 403], ['&token=x', {}, 403], [`&token=${token}`, {}, 200], [`&token=${token}`, { 'sec-fetch-site': 'none' }, 403], ['', OURS, 200]] as const) {
    const answer = await request(port, ask('/index.html') + query, headers)
    t.equal(answer.status, status, `${query} ${JSON.stringify(headers)}`)
    t.match(answer.headers, { 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  }
  const cases: [headers: Record<string, string>, status: number][] = [
    [{}, 200], [{ 'Sec-Fetch-Site': 'same-origin' }, 200], [{ 'Sec-Fetch-Site': 'none' }, 200],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403], [{ 'Sec-Fetch-Site': 'same-site' }, 403], [{ Origin: 'http://evil.test' }, 403], [{ Origin: 'null' }, 403], [{ Host: 'evil.test' }, 403], [{ Host: '' }, 400]
  ]
  for (const [headers, status] of cases) {
    const answer = await request(port, ask('/index.html'), { ...OURS, ...headers })
    t.equal(answer.status, status, JSON.stringify(headers))
    t.equal(answer.headers['access-control-allow-origin'], undefined)
    t.equal(answer.text.includes('<h1>'), status === 200)
  }
})

test('a page is told its address as the app knows it', async t => {
  const app = Fastify({ rewriteUrl: ({ url = '' }) => url.replace('/en/', '/') })
  t.teardown(() => app.close())
  app.get('/*', (request, reply) => {
    const { timing, made } = request.query as { timing?: string, made?: string }
    if (timing) reply.header('server-timing', timing)
    tellPath(request, reply, made === 'true')
    reply.send('x')
  })
  const rows: [url: string, timing: string, told: string][] = [
    ['/a/b%20c', '', 'page;desc="/a/b%20c"'], ['/en/en/a', '', 'page;desc="/en/en/a"'], ['/a', 'db;desc="a,b";dur=1', 'db;desc="a,b";dur=1, page;desc="/a"'],
    ['/a', 'page;desc="/of,another"', 'page;desc="/a"'], ['/a', 'page;desc="/b", db', 'db, page;desc="/a"'], ['/a', 'db, page;desc="/b"', 'db, page;desc="/a"'], ['/a', 'my-page;desc="/b"', 'my-page;desc="/b", page;desc="/a"']
  ]
  for (const [url, timing, told] of rows) {
    const target = `${url}?${new URLSearchParams({ timing })}`
    t.equal((await app.inject({ url: target, headers: DOCUMENT })).headers['server-timing'], told, target)
    t.equal((await app.inject(target)).headers['server-timing'], timing || undefined, `${target}, by what is no browser`)
  }
  for (const [timing, told] of [['file;desc="/a.html"', ''], ['file;desc="/a,b.html", db', 'db, '], ['db, file;desc="/a.html"', 'db, '], ['my-file;desc="/a"', 'my-file;desc="/a", ']] as const) {
    t.equal((await app.inject({ url: `/a?${new URLSearchParams({ timing, made: 'true' })}`, headers: DOCUMENT })).headers['server-timing'], `${told}page;desc="/a"`, timing)
    t.equal((await app.inject({ url: `/a?${new URLSearchParams({ timing })}`, headers: DOCUMENT })).headers['server-timing'], `${timing}, page;desc="/a"`, timing)
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  for (const url of ['/a"b', '//a']) {
    t.equal((await request(port, url, DOCUMENT)).headers['server-timing'], undefined, url)
    t.equal((await request(port, `${url}?timing=db,page;desc="/b"`, DOCUMENT)).headers['server-timing'], 'db', url)
  }
})

test('only a page that gets the client is told', async t => {
  const html = '<!doctype html><html><head></head><body>x</body></html>'
  const { path } = folder(t, { 'index.html': html, 'a.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' })
  const { port } = await liveApp(t, { root: path }, { after: app => { app.get('/out', { config: { liveReload: false } }, (_, reply) => reply.type('text/html').send(html)) } })
  for (const [url, headers, told] of [
    ['/index.html', DOCUMENT, true], ['/index.html', { host: 'evil.test', ...DOCUMENT }, false], ['/out', DOCUMENT, false], ['/a.svg', { 'sec-fetch-dest': 'image' }, false]
  ] as const) t.equal(/page;desc/.test(String((await request(port, url, { accept: 'text/html', ...headers })).headers['server-timing'])), told, `${url} ${JSON.stringify(headers)}`)
})

test('a page that is made of its file and more does not say that it is the file', async t => {
  const { path } = folder(t, { 'index.html': '<!doctype html><html><head></head><body>x</body></html>' })
  const put = (html: string) => html.replace('x', 'y')
  const onSend = (change: (payload: unknown) => unknown) => ({ before: (app: FastifyInstance) => app.addHook('onSend', async (_request, reply, payload) => reply.getHeader('content-type') === undefined ? payload : change(payload)) })
  const cases: [string, LiveReloadOptions, Parameters<typeof liveApp>[2], boolean][] = [
    ['as it is', {}, {}, true],
    ['not from memory', { root: { path, maxAge: 1 } }, {}, true],
    ['a hook that changes nothing', {}, onSend(payload => payload), true],
    ['a transformer', { transform: [put] }, {}, false],
    ['a transformer, not from memory', { root: { path, maxAge: 1 }, transform: [put] }, {}, false],
    ['a hook that gives a string', {}, onSend(payload => put(String(payload))), false],
    ['a hook that gives a Buffer', {}, onSend(payload => Buffer.from(put(String(payload)))), false]
  ]
  for (const [name, options, around, isFile] of cases) {
    const { port } = await liveApp(t, { root: path, ...options }, around)
    const { headers, status } = await request(port, '/', { accept: 'text/html', ...DOCUMENT })
    t.match([status, headers['server-timing']], [200, isFile ? 'file;desc="/index.html", page;desc="/"' : /^page;desc="\/"$/], name)
  }
})

test('an app that rewrites addresses is asked for the one that a navigation has', async t => {
  const { path } = folder(t, { 'a.txt': '' })
  const { port } = await liveApp(t, { watch: path }, { server: { rewriteUrl: ({ url = '' }) => url.startsWith('/__live/') ? url : url.replace('/en/', '/') }, after: app => { app.get('/en/a', (_, reply) => reply.type('text/html').send('<!doctype html><html><head></head><body>x</body></html>')) } })
  const { headers, status } = await request(port, '/en/en/a', { accept: 'text/html', ...DOCUMENT })
  t.equal(status, 200)
  const told = /page;desc="([^"]+)"/.exec(String(headers['server-timing']))?.[1] ?? ''
  t.equal((await request(port, ask(told), OURS)).status, 200, told)
})

test('whoever hears of the end of an answer finds each request under its own address', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const ended: string[] = []
  app.addHook('onResponse', (request, _reply, done) => {
    ended.push(request.url)
    done()
  })
  let raw: { url?: string | undefined } = {}
  answerAsking(app, {})
  app.register(async scope => servePage(scope, app, '/__live/'), { prefix: '/__live' })
  app.get('/a', (request, reply) => {
    raw = request.raw
    reply.send('x')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  await request((app.server.address() as AddressInfo).port, ask('/a'))
  await until(() => ended.length === 2, 'both ended')
  t.same(ended, [ask('/a'), '/a'])
  await until(() => raw.url === ask('/a'), 'it has its own again')
})

test('what answers in the place of our route has our headers, and none of CORS', async t => {
  const app = start(t)
  app.get('/cors', (_, reply) => reply.headers({ 'access-control-allow-origin': '*', 'cache-control': 'public' }).send('x'))
  app.get('/raw', (_, reply) => { reply.hijack().raw.end('x') })
  for (const url of ['/cors', '/raw', '/a']) t.match((await app.inject(ask(url))).headers, { 'cache-control': 'no-store', 'access-control-allow-origin': undefined }, url)
  t.match((await app.inject('/cors')).headers, { 'cache-control': 'public', 'access-control-allow-origin': '*' })
})

test('redirects, and routes there are none of', async t => {
  const app = start(t)
  app.get('/go', ({ query }, reply) => reply.redirect((query as { to: string }).to, 302))
  app.get('/made', (_, reply) => reply.code(201).header('location', '/made/1').send('x'))
  app.get('/choices', (_, reply) => reply.code(300).send('x'))
  app.post('/posted', async () => 'x')
  for (const to of ['/login', '/docs/', 'login', 'https://login.test/', '//login.test/']) {
    t.match(await app.inject(ask(`/go?to=${to}`)), { statusCode: 200, headers: { location: undefined, 'content-type': 'text/html; charset=utf-8' } }, to)
    t.match(await app.inject(`/go?to=${to}`), { statusCode: 302, headers: { location: to } }, `${to}, by anybody else`)
  }
  for (const [url, status] of [['/made', 201], ['/choices', 300]] as const) t.equal((await app.inject(ask(url))).statusCode, status, url)

  const bare = Fastify()
  t.teardown(() => bare.close())
  answerAsking(bare, {})
  bare.register(async scope => servePage(scope, bare, '/__live/'), { prefix: '/__live' })
  bare.get('/missing', (_, reply) => { reply.callNotFound() })
  t.match(await bare.inject(ask('/nothing')), { statusCode: 404, headers: { [NONE]: '1' } })
  t.match(await bare.inject('/nothing'), { statusCode: 404, headers: { [NONE]: undefined } })
  t.match(await bare.inject(ask('/missing')), { statusCode: 404, headers: { [NONE]: undefined } })
})

test('pages of roots, pages of errors', async t => {
  const { path } = folder(t, { 'index.html': '<h1>x</h1>' })
  const { app } = await liveApp(t, { root: { path, spa: true, prefix: '/app/' } }, { after: app => { app.get('/broken', async () => { throw new Error('broken') }) } })
  const cases: [url: string, status: number, type: string][] = [['/app/deep/link.v2', 200, 'text/html'], ['/app/missing.png', 404, 'text/html'], ['/broken', 500, 'text/html'], ['/nothing', 404, 'text/html']]
  for (const [url, status, type] of cases) {
    for (const target of [ask(url), url]) {
      const answer = await app.inject({ url: target, headers: { ...OURS, host: 'localhost', accept: 'text/html', 'sec-fetch-dest': 'document' } })
      t.equal(answer.statusCode, status, target)
      t.match(answer.headers['content-type'], type, target)
    }
  }
})

test('over HTTP/2', async t => {
  const { path } = folder(t, { 'index.html': '<h1>x</h1>' })
  const { port } = await liveApp(t, { root: path }, { server: { http2: true, https: certificate } as object })
  const session = connectHttp2(`https://localhost:${port}`, { rejectUnauthorized: false })
  t.teardown(() => session.close())
  const status = (target: string) => new Promise(resolve => session.request({ ':path': target, ...OURS }).on('response', headers => resolve(headers[':status'])).resume())
  t.equal(await status(ask('/index.html')), 200)
  t.equal(await status(ask('/nothing')), 404)
})
