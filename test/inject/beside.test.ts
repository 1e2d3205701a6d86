// Beside the plugins that most apps have: each before and after us.
import { gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import view from '@fastify/view'
import websocket from '@fastify/websocket'
import ejs from 'ejs'
import { test } from 'tap'
import type { FastifyInstance } from 'fastify'
import WebSocket from 'ws'
import { folder } from '../support/folder.js'
import { NAVIGATION, PAGE, site } from './app.js'
import type { Site } from './app.js'
import { live } from './live.js'

type Test = Parameters<typeof site>[0]
interface Case { readonly order: 'before' | 'after', readonly start: (register: (app: FastifyInstance) => unknown, routes?: (app: FastifyInstance) => unknown) => Promise<Site & { move (): void }> }

/** The plugin under test is registered before or after ours, its routes behind both. */
function cases (t: Test): Case[] {
  return (['before', 'after'] as const).map(order => ({
    order,
    start: async (register, routes) => {
      let move = () => {}
      const running = await site(t, async app => {
        if (order === 'after') move = live(app)
        await register(app)
        if (order === 'before') move = live(app)
        await routes?.(app)
      }, false)
      return { ...running, move: () => move() }
    }
  }))
}

const tags = (html: string) => html.match(/<script async src="\/__live\/client\.js\?v=[^"]+" data-live-reload="[^"]+" data-token="[^"]+"(?: data-remark="[^"]+")?><\/script>/g)?.length ?? 0

const big = PAGE.replace('<h1>', `<p>${'long '.repeat(2000)}</p><h1>`)

test('@fastify/static', async t => {
  const { path } = folder(t, { 'index.html': PAGE, 'app.js': '"</head>"', 'data.json': '{}' })
  for (const { order, start } of cases(t)) {
    const { get } = await start(app => app.register(fastifyStatic, { root: path }))
    const page = await get('/')
    t.equal(tags(page.text), 1, order)
    t.equal(page.headers['content-length'], String(page.body.length))
    t.equal((await get('/', { ...NAVIGATION, 'if-none-match': page.headers.etag })).status, 304)
    t.equal((await get('/app.js')).text, '"</head>"')
    t.equal((await get('/data.json')).text, '{}')
  }
})

test('@fastify/websocket', async t => {
  for (const { order, start } of cases(t)) {
    const { app, get } = await start(app => app.register(websocket), app => {
      app.get('/', (_, reply) => reply.type('text/html').send(PAGE))
      app.get('/own', { websocket: true }, socket => { socket.on('message', (data: Buffer) => socket.send(`echo ${String(data)}`)) })
    })
    t.equal(tags((await get('/')).text), 1, order)
    const socket = new WebSocket(`ws://127.0.0.1:${(app.server.address() as { port: number }).port}/own`)
    socket.on('open', () => socket.send(PAGE))
    const [data] = await new Promise<Buffer[]>(resolve => socket.once('message', (...args: unknown[]) => resolve(args as Buffer[])))
    t.equal(String(data), `echo ${PAGE}`, 'what a socket carries is its own')
    socket.terminate()
  }
})

test('@fastify/compress', async t => {
  const { path } = folder(t, { 'page.html': big })
  for (const { order, start } of cases(t)) {
    const { get, move } = await start(app => app.register(compress, { threshold: 0 }), async app => {
      await app.register(fastifyStatic, { root: path })
      app.get('/string', (_, reply) => reply.type('text/html').header('etag', '"a"').send(big))
      app.get('/call', (_, reply) => reply.type('text/html').compress(big))
    })
    const headers = { ...NAVIGATION, 'accept-encoding': 'gzip' }
    for (const url of ['/string', '/page.html']) {
      const answer = await get(url, headers)
      t.equal(answer.headers['content-encoding'], 'gzip', `${order} ${url}`)
      const text = gunzipSync(answer.body).toString()
      t.equal(tags(text), 1)
      t.equal(text.replace(/<script async.*?<\/script>/, ''), big)
      if ('content-length' in answer.headers) t.equal(Number(answer.headers['content-length']), answer.body.length)
      const held = { ...headers, 'if-none-match': answer.headers.etag }
      t.equal((await get(url, held)).status, 304)
      move()
      t.equal(tags(gunzipSync((await get(url, held)).body).toString()), 1)
    }
    const plain = await get('/string')
    t.equal(tags(plain.text), 1, 'without Accept-Encoding')
    const called = await get('/call', headers)
    const text = gunzipSync(called.body).toString()
    t.equal(text.replace(/<script async.*?<\/script>/, ''), big, 'reply.compress() encodes before us: decoded, and encoded anew after us')
    t.equal(tags(text), 1)
  }
})

test('@fastify/helmet, default Content-Security-Policy', async t => {
  for (const { order, start } of cases(t)) {
    const { get } = await start(app => app.register(helmet), app => app.get('/', (_, reply) => reply.type('text/html').send(PAGE)))
    const { text, headers } = await get('/')
    t.equal(tags(text), 1, order)
    const policy = String(headers['content-security-policy'])
    t.match(policy, "script-src 'self';", 'our script is of the same origin')
    t.notMatch(policy, /unsafe-eval|script-src[^;]*unsafe-inline/, 'and the policy is as it was')
    t.notMatch(text, /<script(?![^>]* src=)/, 'nothing inline')
  }
})

test('@fastify/cors', async t => {
  for (const { order, start } of cases(t)) {
    const { get } = await start(app => app.register(cors, { origin: true }), app => app.get('/', (_, reply) => reply.type('text/html').send(PAGE)))
    const page = await get('/')
    t.equal(tags(page.text), 1, order)
    t.equal(page.headers.vary, 'Origin')
    for (const dest of [{ 'sec-fetch-dest': 'empty' }, {}]) {
      const foreign = await get('/', { origin: 'http://evil.test', ...dest })
      t.equal(foreign.headers['access-control-allow-origin'], 'http://evil.test')
      t.equal(tags(foreign.text), 0, 'what another site may read holds no token')
    }
    t.equal((await get('/', { origin: 'http://a.test', 'access-control-request-method': 'GET' }, 'OPTIONS')).status, 204)
  }
})

test('@fastify/view', async t => {
  const { path } = folder(t, { 'page.ejs': PAGE.replace('Hi', '<%= name %>'), 'item.ejs': '<li><%= name %></li>' })
  for (const { order, start } of cases(t)) {
    const { get } = await start(app => app.register(view, { engine: { ejs }, root: path }), app => {
      app.get('/', (_, reply) => reply.view('page.ejs', { name: '<Ä>' }))
      app.get('/async', async (_, reply) => reply.type('text/html').send(await reply.viewAsync('page.ejs', { name: 'Ä' })))
      app.get('/item', (_, reply) => reply.view('item.ejs', { name: 'x' }))
    })
    const page = await get('/')
    t.equal(tags(page.text), 1, order)
    t.match(page.text, '<h1>&lt;Ä&gt;</h1>')
    t.equal(Number(page.headers['content-length']), page.body.length)
    t.equal(tags((await get('/async')).text), 1)
    t.equal((await get('/item', { 'hx-request': 'true', 'sec-fetch-dest': 'empty' })).text, '<li>x</li>')
  }
})

test('@fastify/etag', async t => {
  for (const weak of [false, true]) {
    for (const { order, start } of cases(t)) {
      let text = PAGE
      const bare = await site(t, async app => {
        await app.register(etag, { weak })
        app.get('/', (_, reply) => reply.type('text/html').send(PAGE))
      }, false)
      const before = (await bare.get('/')).headers.etag
      const { get, move } = await start(app => app.register(etag, { weak }), app => {
        app.get('/', (_, reply) => reply.type('text/html').send(text))
        app.get('/text', (_, reply) => reply.type('text/plain').send('x'))
        app.get('/own', (_, reply) => reply.type('text/html').header('etag', '"own"').send(PAGE))
      })
      const asked = (url: string, value: string | undefined, method?: string) => get(url, { ...NAVIGATION, 'if-none-match': value }, method)
      // Cached before live reload was added: whoever compares before our hook says 304 for it. docs/inject.md says what to do.
      t.equal((await asked('/', before)).status, order === 'before' ? 304 : 200, `${order}: cached before the plugin`)
      const old = await get('/')
      t.equal(tags(old.text), 1)
      for (const method of ['GET', 'HEAD']) {
        const again = await asked('/', old.headers.etag, method)
        t.equal(again.status, 304, `${order}: ${method}, nothing changed`)
        t.equal(again.body.length, 0)
      }
      move()
      const moved = await asked('/', old.headers.etag)
      t.equal(moved.status, 200, 'the stamp moved')
      t.not(moved.headers.etag, old.headers.etag)
      text = PAGE.replace('Hi', 'Ho')
      t.match((await asked('/', moved.headers.etag)).text, 'Ho', 'the page moved')
      for (const url of ['/text', '/own']) {
        t.equal((await asked(url, (await get(url)).headers.etag)).status, 304, url)
      }
    }
  }
})
