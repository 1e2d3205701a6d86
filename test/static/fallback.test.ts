// What is answered beside plain files: pages of a build that still runs, the fallback of a single-page app, conditional requests for pages.
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Readable } from 'node:stream'
import fastifyStatic from '@fastify/static'
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'
import { serve } from './support.js'

test('the page an app sends for 404 is its own, wherever it lies', async t => {
  const { at } = folder(t, { 'site/a.css': 'x', 'pages/404.txt': 'lost' })
  const site = await serve(t, { root: { path: at('site'), preCompressed: true } }, {
    after: async app => {
      await app.register(fastifyStatic, { root: at('pages'), serve: false })
      app.setNotFoundHandler((_request, reply) => reply.code(404).sendFile('404.txt'))
    }
  })
  for (const target of ['/nothing.css', '/nothing/', '/.env']) t.match(await site.get(target), { status: 404, text: 'lost' }, target)
})

test('a person who asks before the first build has ended waits for it, an asset does not', async t => {
  const { at, write } = folder(t, { 'site/a.css': 'x' })
  let asked = 0
  const built = async () => {
    if (++asked > 1) return false
    write('site/page.html', '<h1>built</h1>')
    return true
  }
  const site = await serve(t, { root: at('site') }, { waitForFirstBuilds: built })
  t.equal((await site.get('/page.css')).status, 404)
  t.equal(asked, 0)
  t.match(await site.get('/page.html', { 'Sec-Fetch-Dest': 'document' }), { status: 200, text: '<h1>built</h1>' })
  t.equal((await site.get('/never.html', { 'Sec-Fetch-Dest': 'document' })).status, 404)
  t.equal(asked, 2)
})

test('several roots under one prefix: the first that has the file', async t => {
  const { at } = folder(t, { 'a/index.html': 'a', 'a/only-a.css': 'a', 'b/index.html': 'b', 'b/only-b.css': 'b', 'b/sub/index.html': 'b sub', 'c/app.html': 'c app' })
  const site = await serve(t, { root: [at('a'), { path: at('b') }, { path: at('c'), spa: 'app.html' }] })
  const document = { 'Sec-Fetch-Dest': 'document' }
  for (const [target, text] of [['/', 'a'], ['/only-a.css', 'a'], ['/only-b.css', 'b'], ['/sub/', 'b sub'], ['/app.html', 'c app'], ['/some/route', 'c app']] as const) {
    t.match(await site.get(target, document), { status: 200, text }, target)
  }
  t.equal((await site.get('/missing.css')).status, 404)
})

test('stampsPages: a conditional request for a page is answered in full, one for another file is not', async t => {
  const { at } = folder(t, { 'a/index.html': 'page', 'a/b.css': 'css', 'a/.hidden.html': 'hidden' })
  for (const stampsPages of [true, false]) {
    const site = await serve(t, { root: { path: at('a'), spa: true } }, { stampsPages: () => stampsPages })
    for (const target of ['/', '/index.html', '/some/route']) {
      const { headers: { etag = '', 'last-modified': modified = '' } } = await site.get(target, { 'Sec-Fetch-Dest': 'document' })
      t.match(etag, /^W\/"4-/)
      for (const headers of [{ 'If-None-Match': etag }, { 'If-Modified-Since': modified }] as Record<string, string>[]) {
        const answer = await site.get(target, { 'Sec-Fetch-Dest': 'document', ...headers })
        t.match(answer, stampsPages ? { status: 200, text: 'page', headers: { etag, 'content-type': 'text/html; charset=utf-8' } } : { status: 304, text: '' }, `${target} ${JSON.stringify(headers)}`)
      }
    }
    const { headers: { etag = '' } } = await site.get('/index.html')
    t.equal((await site.get('/index.html', { Range: 'bytes=0-1', 'If-Range': etag })).status, stampsPages ? 200 : 206)
    t.equal((await site.get('/b.css', { 'If-None-Match': String((await site.get('/b.css')).headers.etag) })).status, 304)
    t.equal((await site.get('/.hidden.html', { 'If-None-Match': '"x"' })).status, 404)
  }
})

test('a hook that the app adds later is asked before any page is sent', async t => {
  const { at } = folder(t, { 'a/index.html': 'page', 'a/docs/index.html': 'docs' })
  const site = await serve(t, { root: { path: at('a'), spa: true } }, {
    stampsPages: () => true,
    after: app => { app.addHook('preHandler', (_request, reply, done) => { reply.code(401); done(new Error('who are you?')) }) }
  })
  for (const target of ['/', '/index.html', '/docs', '/docs/', '/some/route']) {
    for (const headers of [{}, { 'If-None-Match': '"x"' }] as Record<string, string>[]) {
      t.match(await site.get(target, { 'Sec-Fetch-Dest': 'document', ...headers }), { status: 401 }, `${target} ${JSON.stringify(headers)}`)
    }
  }
})

test('stampsPages: a status that a hook has set stays, as @fastify/static lets it', async t => {
  const { at } = folder(t, { 'a/index.html': 'page' })
  const site = await serve(t, { root: at('a') }, {
    stampsPages: () => true,
    after: app => app.addHook('onRequest', (_request, reply, done) => { reply.code(404); done() })
  })
  t.match(await site.get('/'), { status: 404, text: 'page' })
})

test('stampsPages: small and large pages, and parts of them', async t => {
  const large = `<p>${Array.from({ length: 200_000 }, (_, i) => i).join(' ')}</p>`
  const { at } = folder(t, { 'a/small.html': '<p>small</p>', 'a/empty.html': '', 'a/large.html': large })
  const site = await serve(t, { root: at('a') }, { stampsPages: () => true })
  for (const [target, text] of [['/small.html', '<p>small</p>'], ['/empty.html', ''], ['/large.html', large]] as const) {
    const answer = await site.get(target)
    t.match(answer, { status: 200, headers: { 'content-length': String(text.length), 'accept-ranges': 'bytes', 'content-type': 'text/html; charset=utf-8', etag: /^W/, 'last-modified': /GMT$/ } }, target)
    t.ok(answer.text === text, 'all of it')
    t.match(await site.get(target, {}, 'HEAD'), { status: 200, text: '', headers: { 'content-length': String(text.length) } }, `HEAD ${target}`)
  }
  t.match(await site.get('/small.html', { Range: 'bytes=3-7' }), { status: 206, text: 'small' })
})

test('stampsPages: a large page is closed when nobody reads it any longer', async t => {
  const { at } = folder(t, { 'a/index.html': 'x'.repeat(20_000_000) })
  const sent: Readable[] = []
  const site = await serve(t, { root: at('a') }, {
    stampsPages: () => true,
    after: app => app.addHook('onSend', (_request, _reply, payload, done) => {
      sent.push(payload as Readable)
      done(null, payload)
    })
  })
  const socket = connect(site.port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await once(socket, 'data')
  t.equal(sent[0]?.closed, false)
  socket.destroy()
  await until(() => sent[0]?.closed === true, 'it is closed')
})

test('spa: a fallback that is refused is not sent', async t => {
  const { at } = folder(t, { 'a/.app.html': 'hidden', 'a/app.pem': 'denied' })
  for (const [spa, status] of [['.app.html', 404], ['app.pem', 403]] as const) {
    const site = await serve(t, { root: { path: at('a'), spa } })
    t.equal((await site.get('/some/route', { 'Sec-Fetch-Dest': 'document' })).status, status, spa)
  }
})

test('the first build makes a directory: the redirect to it', async t => {
  const { at, write } = folder(t, { 'a/x.css': '' })
  const site = await serve(t, { root: at('a') }, {
    waitForFirstBuilds: async () => {
      write('a/docs/index.html', 'docs')
      return true
    }
  })
  t.match(await site.get('/docs', { 'Sec-Fetch-Dest': 'document' }), { status: 302, headers: { location: './docs/' } })
})
