// 304 both ways: never a page without the client, never an older stamp, and still a 304 when nothing changed.
import { createReadStream, writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import fastifyStatic from '@fastify/static'
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'
import { EPOCH, NAVIGATION, PAGE, PAGE_WITH_TAG, site, tagAt } from './app.js'

const PNG = 'not really a picture'
const TIME = 'Fri, 20 Nov 2026 10:00:00 GMT'

function files (t: { teardown (fn: () => void): void }) {
  return folder(t, { 'index.html': PAGE, 'a.png': PNG, 'part.html': '<li>one</li>' })
}

test('a page of @fastify/static', async t => {
  const { path } = files(t)
  const { get, world } = await site(t, app => app.register(fastifyStatic, { root: path, cacheControl: false }))

  const raw = await get('/', { 'sec-fetch-dest': 'empty' })
  t.equal(raw.text, PAGE)
  const { etag, 'last-modified': lastModified } = raw.headers as Record<string, string>

  for (const [name, held] of [['its ETag', { 'if-none-match': etag }], ['its date', { 'if-modified-since': lastModified }], ['both', { 'if-none-match': etag, 'if-modified-since': lastModified }]] as const) {
    const fresh = await get('/', { ...NAVIGATION, ...held })
    t.equal(fresh.status, 200, `cached before the plugin, by ${name}`)
    t.equal(fresh.text, PAGE_WITH_TAG)
  }

  const first = await get('/')
  t.equal(first.headers.etag, `W/${etag?.replace('W/', '').replace(/"$/, '')}-${EPOCH}:0"`)
  t.notOk('last-modified' in first.headers || 'accept-ranges' in first.headers)
  t.equal(first.headers['cache-control'], 'no-cache')
  const held = { 'if-none-match': first.headers.etag, 'if-modified-since': lastModified }

  for (const method of ['GET', 'HEAD']) {
    const again = await get('/', { ...NAVIGATION, ...held }, method)
    t.equal(again.status, 304, `${method}: nothing changed`)
    t.equal(again.body.length, 0)
    t.equal(again.headers.etag, first.headers.etag)
    t.equal(again.headers['cache-control'], 'no-cache')
    t.notOk('content-length' in again.headers || 'content-type' in again.headers)
  }
  t.equal((await get('/', { 'if-none-match': first.headers.etag })).status, 304, 'whoever asks')

  world.seq++
  const moved = await get('/', { ...NAVIGATION, ...held })
  t.equal(moved.status, 200, 'the stamp moved')
  t.match(moved.text, tagAt(1))
  t.equal((await get('/', { ...NAVIGATION, 'if-none-match': moved.headers.etag })).status, 304)
  writeFileSync(`${path}/index.html`, PAGE + PAGE)
  t.equal((await get('/', { ...NAVIGATION, 'if-none-match': moved.headers.etag })).status, 200, 'the page moved')
})

test('ranges', async t => {
  const { get } = await site(t, app => app.register(fastifyStatic, { root: files(t).path }))
  const { etag } = (await get('/', { 'sec-fetch-dest': 'empty' })).headers
  const part = await get('/', { ...NAVIGATION, range: 'bytes=2-8' })
  t.equal(part.status, 206)
  t.equal(part.text, PAGE.slice(2, 9))
  t.equal(part.headers.etag, etag)
  const rest = await get('/', { ...NAVIGATION, range: 'bytes=2-', 'if-range': etag })
  t.equal(rest.status, 200, 'the rest of a copy without the client')
  t.equal(rest.text, PAGE_WITH_TAG)
  t.equal((await get('/a.png', { range: 'bytes=2-', 'if-range': (await get('/a.png')).headers.etag })).status, 206)
})

test('what turns out to be no page gets the 304 that the app would have given', async t => {
  const sources: Readable[] = []
  const open = (path: string) => { const source = createReadStream(path); sources.push(source); return source }
  const { path, at } = files(t)
  const { get } = await site(t, app => {
    app.register(fastifyStatic, { root: path })
    app.get('/stream', (_, reply) => reply.type('image/png').header('etag', '"a"').send(open(at('a.png'))))
    app.get('/page-stream', (_, reply) => reply.type('text/html').header('etag', '"a"').send(open(at('index.html'))))
    app.get('/string', (_, reply) => reply.type('text/plain').header('last-modified', TIME).send('x'))
    app.get('/error', (_, reply) => reply.code(500).type('text/plain').header('etag', '"a"').send('x'))
    app.get('/web', (_, reply) => reply.type('text/plain').header('etag', '"a"').send(new Response('x').body))
    app.get('/off', { config: { liveReload: false } }, (request, reply) => reply.type('text/html').header('etag', '"a"').code(request.headers['if-none-match'] === '"a"' ? 304 : 200).send())
    app.get('/method', (request, reply) => reply.send(request.headers['if-none-match'] ?? 'none'))
    app.post('/method', (request, reply) => reply.send(request.headers['if-none-match'] ?? 'none'))
  })
  for (const url of ['/a.png', '/part.html', '/index.html']) {
    const request = url === '/a.png' ? NAVIGATION : { accept: 'text/html' }
    const { headers } = await get(url, request)
    const held = { ...request, 'if-none-match': headers.etag }
    t.equal((await get(url, held)).status, 304, url)
    t.equal((await get(url, held, 'HEAD')).status, 304, url)
    t.equal((await get(url, { ...request, 'if-none-match': '"other"' })).status, 200, url)
  }
  const png = (await get('/a.png')).headers['last-modified']
  t.equal((await get('/a.png', { ...NAVIGATION, 'if-modified-since': png })).status, 304)
  t.equal((await get('/a.png', { 'if-modified-since': png })).status, 304, 'never touched')

  t.equal((await get('/stream', { ...NAVIGATION, 'if-none-match': '"a"' })).status, 304)
  t.equal((await get('/page-stream', { ...NAVIGATION, 'if-none-match': `W/"a-${EPOCH}:0"` })).status, 304)
  t.equal(sources.length, 2)
  await until(() => sources.every(source => source.closed), 'no descriptor is left open')

  t.equal((await get('/string', { ...NAVIGATION, 'if-modified-since': TIME })).status, 304)
  t.equal((await get('/error', { ...NAVIGATION, 'if-none-match': '"a"' })).status, 500)
  t.equal((await get('/web', { ...NAVIGATION, 'if-none-match': '"a"' })).status, 304, 'a web stream')
  t.equal((await get('/off', { ...NAVIGATION, 'if-none-match': '"a"' })).status, 304, 'a route that is left alone sees everything')
  t.equal((await get('/method', { ...NAVIGATION, 'if-none-match': '"a"' })).text, 'none')
  t.equal((await get('/method', { ...NAVIGATION, 'if-none-match': '"a"' }, 'POST')).text, '"a"')
})

test('validators that cover the old bytes go away', async t => {
  const stale = { 'content-md5': 'x', digest: 'x', 'content-digest': 'x', 'repr-digest': 'x', 'accept-ranges': 'bytes' }
  const { get } = await site(t, app => {
    app.get('/date', (_, reply) => reply.type('text/html').headers({ ...stale, 'last-modified': TIME }).send(PAGE))
    app.get('/none', (_, reply) => reply.type('text/html').send(PAGE))
    app.get('/raw', (_, reply) => {
      reply.raw.setHeader('last-modified', TIME)
      return reply.type('text/html').send(PAGE)
    })
  })
  const { headers } = await get('/date')
  for (const name of [...Object.keys(stale), 'last-modified']) t.notOk(name in headers, name)
  t.equal(headers.etag, `W/"${Date.parse(TIME).toString(36)}-${EPOCH}:0"`)
  t.equal((await get('/date', { ...NAVIGATION, 'if-none-match': headers.etag })).status, 304)
  t.equal((await get('/date', { ...NAVIGATION, 'if-modified-since': TIME })).status, 200)
  t.notOk('etag' in (await get('/none')).headers)
  t.notOk('last-modified' in (await get('/raw')).headers)
})
