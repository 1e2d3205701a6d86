// Streams over real sockets: at once, flat, and closed when nobody listens.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect } from 'node:http2'
import { request as http } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createGzip, gzipSync } from 'node:zlib'
import { test } from 'tap'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { folder } from '../support/folder.js'
import { times } from '../support/times.js'
import { until } from '../support/wait.js'
import { inject, NAVIGATION, PAGE, PAGE_WITH_TAG, site, tagAt } from './app.js'

const portOf = (app: { server: { address (): unknown } }) => (app.server.address() as AddressInfo).port

const MB = 1024 * 1024
const megabytes = (bytes: number) => `${(bytes / MB).toFixed(1)} MB`

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const inUse = () => {
  collect()
  return process.memoryUsage().arrayBuffers
}

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

// All streams of one reply together may hold so much, and the system of one connection that is read.
const HELD = 4 * MB
const ON_THE_WAY = HELD + 4 * MB
// Text that no packing makes small, so that what is read of the source is what is held.
const NOISE = randomBytes(49_152).toString('base64')

/** A page of this size and its head, made as it is asked for. */
function pageOf (size: number, made: (sent: number) => void = () => {}): Readable {
  let sent = 0
  return new Readable({
    read () {
      made(sent)
      if (sent === 0) this.push(PAGE)
      this.push(sent < size ? NOISE : null)
      sent += NOISE.length
    }
  })
}

for (const [name, encode] of [['as it is', undefined], ['gzip', () => createGzip({ level: 1 })]] as const) {
  test(`a page of any size passes, it is never gathered: ${name}`, async t => {
    const size = times(40, 1024) * MB
    let received = 0
    let most = 0
    const { app } = await site(t, app => app.get('/', (_, reply) => {
      reply.type('text/html')
      const page = pageOf(size, sent => { most = Math.max(most, sent - received) })
      return encode === undefined ? reply.send(page) : reply.header('content-encoding', name).send(page.pipe(encode()))
    }))
    const request = http({ port: portOf(app), host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
    const [response] = await once(request, 'response')
    t.notOk(response.headers['content-encoding'])
    response.on('data', (bytes: Buffer) => { received += bytes.length })
    await once(response, 'end')
    t.equal(received, size + PAGE_WITH_TAG.length)
    t.ok(most < ON_THE_WAY, `${megabytes(most)} on the way at most`)
  })
}

test('an unread page takes no more memory than a page that is read, also a small one that unpacks to a large one', async t => {
  const size = 64 * MB
  const packed = gzipSync(Buffer.concat([Buffer.from(PAGE), Buffer.alloc(size, 'x')]))
  const sources: [string, () => Readable | Buffer, string?][] = [
    ['a stream', () => pageOf(size)],
    ['gzip', () => pageOf(size).pipe(createGzip({ level: 1 })), 'gzip'],
    ['a small gzip stream', () => Readable.from([packed], { objectMode: false }), 'gzip'],
    ['a small gzip buffer', () => packed, 'gzip']
  ]
  for (const [name, source, encoding] of sources) {
    const { app } = await site(t, app => app.get('/', (_, reply) => {
      if (encoding !== undefined) reply.header('content-encoding', encoding)
      return reply.type('text/html').send(source())
    }))
    const before = inUse()
    const request = http({ port: portOf(app), host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
    const [socket] = await once(app.server, 'connection')
    const [response] = await once(request, 'response')
    response.pause()
    let written = 0
    let still = 0
    await until(() => {
      still = written === socket.bytesWritten ? still + 1 : 0
      written = socket.bytesWritten
      return still > 9
    }, 'the system takes no more of it')
    t.ok(written < size / 2, `${name}: ${megabytes(written)} written`)
    // What is garbage by now is given back a little later.
    await until(() => inUse() - before < HELD, `${name}: no more than ${megabytes(HELD)} are held`)
    request.destroy()
  }
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
  // The best of twelve: a machine with more to do than this takes its time in any of them.
  const best = (name: string) => Math.min(...times[name] as number[])
  t.comment(`first byte: ${Object.keys(sites).map(name => `${name} ${best(name).toFixed(2)} ms`).join(', ')}`)
  for (const name of ['head', 'body']) t.ok(best(name) < 3 * best('without') + 5, `${name}: ${best(name)} ms against ${best('without')} ms`)
})
