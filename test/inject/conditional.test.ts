// 304 both ways: never a page without the client, never an older stamp, and still a 304 when nothing changed.
import { createReadStream, writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import fastifyStatic from '@fastify/static'
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { startApp } from '../support/app.js'
import { until } from '../support/wait.js'
import { EPOCH, get, NAVIGATION, PAGE, site, tagAt } from './app.js'

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

  t.equal((await get('/', { ...NAVIGATION, 'if-none-match': etag })).status, 304, 'cached before live reload was added: the app compares its own ETag')

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

test('a root of the plugin: a copy from before live reload was added never comes back by a 304', async t => {
  const { path } = files(t)
  const bare = await site(t, app => app.register(fastifyStatic, { root: path }), false)
  const { etag, 'last-modified': lastModified } = (await bare.get('/')).headers as Record<string, string>
  const { port } = await startApp(t, { root: path })
  const ask = (headers: Record<string, string> = {}) => get(port, '/', { ...NAVIGATION, ...headers })
  for (const held of [{ 'if-none-match': etag }, { 'if-modified-since': lastModified }, { range: 'bytes=5-', 'if-range': etag }] as Record<string, string>[]) {
    const answer = await ask(held)
    t.equal(answer.status, 200, JSON.stringify(held))
    t.match(answer.text, 'data-live-reload')
  }
  const first = await ask()
  t.equal((await ask({ 'if-none-match': first.headers.etag as string })).status, 304)
  const { headers: { etag: ofPicture = '' } } = await get(port, '/a.png', {})
  t.equal((await get(port, '/a.png', { 'if-none-match': ofPicture })).status, 304)
})

test('a 304 lets the source of the page go, unread', async t => {
  const sources: Readable[] = []
  const { at } = files(t)
  const { get } = await site(t, app => {
    app.get('/stream', (_, reply) => {
      const source = createReadStream(at('index.html'))
      sources.push(source)
      return reply.type('text/html').header('etag', '"a"').send(source)
    })
    app.get('/web', (_, reply) => reply.type('text/html').header('etag', '"a"').send(new Response(PAGE).body))
  })
  for (const path of ['/stream', '/web']) t.equal((await get(path, { ...NAVIGATION, 'if-none-match': `"other", W/"a-${EPOCH}:0"` })).status, 304, path)
  await until(() => sources.every(source => source.closed), 'no descriptor is left open')
})

test('the handler sees the conditions of the request', async t => {
  const { get } = await site(t, app => {
    app.get('/', (request, reply) => reply.send(request.headers['if-none-match']))
    app.get('/own', (_, reply) => reply.type('text/html').header('etag', '"a"').code(304).send())
  })
  t.equal((await get('/', { ...NAVIGATION, 'if-none-match': '"a"' })).text, '"a"')
  t.match(await get('/own', { ...NAVIGATION, 'if-none-match': '"a"' }), { status: 304, headers: { etag: '"a"' } }, "the app's own 304")
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
  t.equal((await get('/date', { ...NAVIGATION, 'if-none-match': '*' })).status, 304)
  t.equal((await get('/date', { ...NAVIGATION, 'if-modified-since': TIME })).status, 200)
  t.equal((await get('/none', { ...NAVIGATION, 'if-none-match': '*' })).status, 200, 'without an ETag there is nothing to compare')
  t.notOk('etag' in (await get('/none')).headers)
  t.notOk('last-modified' in (await get('/raw')).headers)
})
