// Streams over real sockets: at once, flat, and closed when nobody listens.
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect } from 'node:http2'
import { request as http } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'tap'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { folder } from '../support/folder.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import { inject, NAVIGATION, PAGE, PAGE_WITH_TAG, site, tagAt } from './app.js'

const portOf = (app: { server: { address (): unknown } }) => (app.server.address() as AddressInfo).port

test('the first bytes do not wait for the rest', async t => {
  const page = new PassThrough()
  const { app } = await site(t, app => app.get('/', (_, reply) => reply.type('text/html').send(page)))
  const request = http({ port: portOf(app), host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
  page.write('<!doctype html><html><head><title>')
  const [response] = await once(request, 'response')
  let text = ''
  response.on('data', (chunk: Buffer) => { text += chunk.toString() })
  await until(() => text === `<!doctype html><html><head>${tagAt(0)}<title>`, 'head and tag, while the page is still being made')
  page.end('x')
  await once(response, 'end')
  t.equal(text, `<!doctype html><html><head>${tagAt(0)}<title>x`)
})

test('a page of any size passes, it is never gathered', async t => {
  const size = times(40, 1024) * 1024 * 1024
  const chunk = Buffer.alloc(65_536, 'x')
  let sent = 0
  let received = 0
  let most = 0
  const { app } = await site(t, app => app.get('/', (_, reply) => reply.type('text/html').send(new Readable({
    read () {
      most = Math.max(most, sent - received)
      if (sent === 0) this.push(PAGE)
      this.push(sent < size ? chunk : null)
      sent += chunk.length
    }
  }))))
  const request = http({ port: portOf(app), host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
  const [response] = await once(request, 'response')
  response.on('data', (bytes: Buffer) => { received += bytes.length })
  await once(response, 'end')
  t.equal(received, size + PAGE_WITH_TAG.length)
  t.ok(most < size / 2, `${most} bytes on their way at most`)
})

test('a slow reader holds the source back; one that goes away closes it', async t => {
  let made = 0
  const source = new Readable({ read () { made++; this.push(made === 1 ? PAGE : Buffer.alloc(65_536, 'x')) } })
  const { app } = await site(t, app => app.get('/', (_, reply) => reply.type('text/html').send(source)))
  const request = http({ port: portOf(app), host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
  const [response] = await once(request, 'response')
  response.pause()
  let seen = -1
  await until(() => { const still = made === seen; seen = made; return still }, 'nothing is made that nobody reads')
  t.ok(made < 1000, `${made} chunks`)
  request.destroy()
  await until(() => source.closed, 'the source is closed')
  t.equal(source.errored, null)
})

test('a source that fails half way cuts the reply', async t => {
  const source = new PassThrough()
  const { app } = await site(t, app => app.get('/', (_, reply) => reply.type('text/html').send(source)))
  const request = http({ port: portOf(app), host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
  source.write(PAGE)
  const [response] = await once(request, 'response')
  response.resume()
  source.destroy(new Error('disk'))
  await t.rejects(once(response, 'end'), { code: 'ECONNRESET' })
})

test('headers that a route sends early are out of reach, and nothing breaks', async t => {
  const page = new PassThrough()
  const { app } = await site(t, app => app.get('/', (_, reply) => {
    reply.type('text/html').header('content-length', 4).send(page)
    reply.raw.flushHeaders()
    return reply
  }))
  const request = http({ port: portOf(app), host: '127.0.0.1', headers: { accept: 'text/html' }, agent: false }).end()
  const [response] = await once(request, 'response')
  page.end('<li>')
  const [chunk] = await once(response, 'data')
  t.equal(String(chunk), '<li>')
  request.destroy()
})

test('a file that is not there fails as it does without us', async t => {
  const { path } = folder(t)
  const { get } = await site(t, app => app.get('/', (_, reply) => reply.type('text/html').send(createReadStream(`${path}/gone.html`))))
  const { status, headers } = await get('/')
  t.equal(status, 500)
  t.match(headers['content-type'], 'application/json')
})

test('HTTP/2', async t => {
  const app = Fastify({ http2: true })
  inject(app as never)
  app.get('/string', (_, reply) => reply.type('text/html').header('etag', '"a"').send(PAGE))
  app.get('/stream', (_, reply) => reply.type('text/html').header('content-length', PAGE.length).send(Readable.from([PAGE])))
  app.get('/fragment', (_, reply) => reply.type('text/html').header('content-length', 4).send(Readable.from(['<li>'])))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(`http://127.0.0.1:${portOf(app)}`)
  t.teardown(async () => { session.destroy(); await app.close() })
  const get = async (path: string, headers = {}) => {
    const stream = session.request({ ':path': path, ...headers })
    const [answer] = await once(stream, 'response')
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    return { status: answer[':status'], length: answer['content-length'], etag: answer.etag, text }
  }
  t.match(await get('/string', NAVIGATION), { status: 200, text: PAGE_WITH_TAG, length: String(PAGE_WITH_TAG.length) })
  t.match(await get('/string', { ...NAVIGATION, 'if-none-match': '"a"' }), { status: 200, text: PAGE_WITH_TAG })
  t.match(await get('/string', { ...NAVIGATION, 'if-none-match': 'W/"a-e:0"' }), { status: 304, text: '' })
  t.match(await get('/stream', NAVIGATION), { status: 200, text: PAGE_WITH_TAG, length: undefined })
  t.match(await get('/fragment'), { status: 200, text: '<li>', length: '4' })
})

test('the first byte of 10 MB comes as soon as without us', async t => {
  const chunk = Buffer.from(`<p>${'x'.repeat(65_529)}</p>`)
  const streamed = (app: FastifyInstance) => app.get('/', (_, reply) => {
    let left = 160
    return reply.type('text/html').send(new Readable({
      read () {
        if (left === 160) this.push(PAGE.replace('</body></html>', ''))
        this.push(left-- > 0 ? chunk : null)
      }
    }))
  })
  const policy = { settings: { inject: { position: 'body' }, transform: [], cacheControl: false } } as const
  const sites = { without: await site(t, streamed, false), head: await site(t, streamed), body: await site(t, streamed, policy) }
  const times: Record<string, number[]> = { without: [], head: [], body: [] }
  for (let round = 0; round < 12; round++) {
    for (const [name, { app }] of Object.entries(sites)) {
      const begun = performance.now()
      const request = http({ port: portOf(app), host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
      const [response] = await once(request, 'response')
      let size = 0
      response.on('data', (bytes: Buffer) => {
        if (size === 0) times[name]?.push(performance.now() - begun)
        size += bytes.length
      })
      await once(response, 'end')
      t.equal(size, PAGE.length - 14 + 160 * chunk.length + (name === 'without' ? 0 : tagAt(0).length), `${name}: 10 MB`)
    }
  }
  const median = (name: string) => times[name]?.sort((a, b) => a - b)[6] as number
  t.comment(`first byte: ${Object.keys(sites).map(name => `${name} ${median(name).toFixed(2)} ms`).join(', ')}`)
  for (const name of ['head', 'body']) t.ok(median(name) < 3 * median('without') + 5, `${name}: ${median(name)} ms against ${median('without')} ms`)
})
