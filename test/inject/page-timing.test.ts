// `Server-Timing` tells a page its own path, and the file it was made from.
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import compress from '@fastify/compress'
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import { addPageTiming } from '../../lib/inject/page-timing.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { liveApp } from '../support/app.js'
import { folder } from '../support/folder.js'
import { request } from '../static/support.js'

const DOCUMENT = { 'sec-fetch-dest': 'document' }

test('a page learns its path as the app knows it', async t => {
  const app = Fastify({ rewriteUrl: ({ url = '' }) => url.replace('/en/', '/') })
  t.teardown(() => app.close())
  app.get('/*', (request, reply) => {
    const { timing, made } = request.query as { timing?: string, made?: string }
    if (timing) reply.header('server-timing', timing)
    addPageTiming(request, reply, made === 'true')
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

test('only a page that gets the client learns its path', async t => {
  const html = '<!doctype html><html><head></head><body>x</body></html>'
  const { path } = folder(t, { 'index.html': html, 'a.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>' })
  const { port } = await liveApp(t, { root: path }, { after: app => { app.get('/out', { config: { liveReload: false } }, (_, reply) => reply.type('text/html').send(html)) } })
  for (const [url, headers, told] of [
    ['/index.html', DOCUMENT, true], ['/index.html', { host: 'evil.test', ...DOCUMENT }, false], ['/out', DOCUMENT, false], ['/a.svg', { 'sec-fetch-dest': 'image' }, false]
  ] as const) t.equal(/page;desc/.test(String((await request(port, url, { accept: 'text/html', ...headers })).headers['server-timing'])), told, `${url} ${JSON.stringify(headers)}`)
})

test('a page that the app made from a file and more does not name the file', async t => {
  const { path } = folder(t, { 'index.html': '<!doctype html><html><head></head><body>x</body></html>' })
  const put = (html: string) => html.replace('x', 'y')
  const onSend = (change: (payload: unknown) => unknown) => ({ before: (app: FastifyInstance) => app.addHook('onSend', async (_request, reply, payload) => reply.getHeader('content-type') === undefined ? payload : change(payload)) })
  const cases: [string, LiveReloadOptions, Parameters<typeof liveApp>[2], boolean][] = [
    ['as it is', {}, {}, true],
    ['a hook that changes nothing', {}, onSend(payload => payload), true],
    ['a transformer', { transform: [put] }, {}, false],
    ['a hook that gives a string', {}, onSend(async payload => put(await text(payload as Readable))), false],
    ['a hook that gives a stream', {}, onSend(async payload => Readable.from([put(await text(payload as Readable))])), false],
    ['a hook that compresses the file', {}, { before: app => app.register(compress, { threshold: 0 }) }, true],
    ['a hook that gives a Buffer', {}, onSend(async payload => Buffer.from(put(await text(payload as Readable)))), false]
  ]
  for (const [name, options, around, isFile] of cases) {
    const { port } = await liveApp(t, { root: path, ...options }, around)
    const { headers, status } = await request(port, '/', { accept: 'text/html', 'accept-encoding': 'gzip', ...DOCUMENT })
    t.match([status, headers['server-timing']], [200, isFile ? 'file;desc="/index.html", page;desc="/"' : /^page;desc="\/"$/], name)
  }
})
