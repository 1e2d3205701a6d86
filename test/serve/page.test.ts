// The route that answers for a page what a navigation would get: whom it asks, whom it refuses, and who may ask.
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import { answerAsking, servePage } from '../../lib/serve/page.js'
import { liveApp } from '../support/app.js'
import { certificate } from '../support/certificate.js'
import { folder } from '../support/folder.js'
import { request } from './support.js'

const ask = (url: string, base = '/__live/') => `/__live/page?${new URLSearchParams({ url, base })}`
const NONE = 'x-no-page'

function start (t: { teardown (fn: () => unknown): void }): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  answerAsking(app)
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
    '/__live', '/__live/', '/__live?a', '/__live/page?url=/', '/__live/socket', '/%5f_live/page', '/_%5Flive/', '/x/../__live/page', '/./__live/', '/x/%2e%2e/__live/health', '/__live%2fpage'
  ]
  for (const url of urls) t.match(await app.inject(ask(url)), { statusCode: 400, headers: { [NONE]: '1' } }, encodeURI(url).slice(0, 40))
  for (const query of ['', '?', '?url', '?url=/a&url=/b', '?uri=/a']) t.match(await app.inject(`/__live/page${query}`), { statusCode: 400, body: 'live reload: `url` has to be the path of a page of this app' }, query)
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'] as const) t.not((await app.inject({ method, url: ask('/a') })).headers['content-type'], 'text/html', method)
})

test('it has the gate of all our routes', async t => {
  const { path } = folder(t, { 'index.html': '<h1>x</h1>' })
  const { port } = await liveApp(t, { root: path })
  const cases: [headers: Record<string, string>, status: number][] = [
    [{}, 200], [{ 'Sec-Fetch-Site': 'same-origin' }, 200], [{ 'Sec-Fetch-Site': 'none' }, 200],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403], [{ 'Sec-Fetch-Site': 'same-site' }, 403], [{ Origin: 'http://evil.test' }, 403], [{ Origin: 'null' }, 403], [{ Host: 'evil.test' }, 403], [{ Host: '' }, 400]
  ]
  for (const [headers, status] of cases) {
    const answer = await request(port, ask('/index.html'), headers)
    t.equal(answer.status, status, JSON.stringify(headers))
    t.equal(answer.headers['access-control-allow-origin'], undefined)
    t.equal(answer.text.includes('<h1>'), status === 200)
  }
})

test('a page is told its address as the app knows it', async t => {
  const app = start(t)
  app.get('/timed', (_, reply) => reply.type('image/svg+xml').header('server-timing', 'db;dur=1').send('<svg/>'))
  app.get('/text', (_, reply) => reply.type('text/plain').send('x'))
  for (const [url, told] of [['/a/b%20c?d', 'page;desc="/a/b%20c"'], ['/timed', 'db;dur=1, page;desc="/timed"'], ['/text', undefined]] as const) {
    t.equal((await app.inject({ url, headers: { 'sec-fetch-dest': 'document' } })).headers['server-timing'], told, url)
    t.equal((await app.inject(url)).headers['server-timing'], told?.split(', page')[0]?.replace(/^page.*/, '') || undefined, `${url}, by what is no browser`)
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  for (const url of ['/a"b', '//a']) t.equal((await request(port, url, { 'Sec-Fetch-Dest': 'document' })).headers['server-timing'], undefined, url)
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
  answerAsking(bare)
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
      const answer = await app.inject({ url: target, headers: { host: 'localhost', accept: 'text/html', 'sec-fetch-dest': 'document' } })
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
  const status = (target: string) => new Promise(resolve => session.request({ ':path': target }).on('response', headers => resolve(headers[':status'])).resume())
  t.equal(await status(ask('/index.html')), 200)
  t.equal(await status(ask('/nothing')), 404)
})
