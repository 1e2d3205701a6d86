// Every kind of reply that can carry a document.
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { request as http } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ReadableStream } from 'node:stream/web'
import zlib from 'node:zlib'
import proxy from '@fastify/http-proxy'
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'
import type { FastifyReply } from 'fastify'
import { test } from 'tap'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'
import { NAVIGATION, PAGE, PAGE_WITH_TAG, site, tagAt } from './app.js'

const html = (reply: FastifyReply) => reply.type('text/html')
const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }

/** What each encoding makes of bytes; zstd where Node has it, and a test of its own for where it has not. */
const ENCODERS: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: bytes => zlib.gzipSync(bytes),
  'x-gzip': bytes => zlib.gzipSync(bytes),
  br: bytes => zlib.brotliCompressSync(bytes),
  deflate: bytes => zlib.deflateSync(bytes),
  ...zstdCompressSync && { zstd: zstdCompressSync }
}
/** `PAGE` as the program `zstd` 1.5.4 makes it: `printf %s "$PAGE" | zstd -c | xxd -p`. */
const ZSTD = Buffer.from('28b52ffd2467a50200e204111780a93a609147a24f999025a19487d2c437c186048c8c1e56eb795797bca6814bd60d31c2f57aa37a7a4d0280c2134470441c4c9e618eab46066bb59e030ded87a1a20104006a8e00d568641944b20206131a4eb6', 'hex')
/** Of three bytes each. */
const pieces = (bytes: Buffer) => Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.subarray(i * 3, i * 3 + 3))
const BIG = PAGE.replace('</body>', `${Array.from({ length: 20_000 }, (_, i) => `<p>${i} ${(i * 7919) % 104_729}</p>`).join('')}$&`)
const withTag = (page: string) => page.replace('<meta charset="utf-8">', `$&${tagAt(0)}`)

test('web Responses and streams', async t => {
  let cancelled = false
  const { app, get } = await site(t, app => {
    const answer = (init?: ResponseInit) => new Response(PAGE, { headers: { 'content-type': 'text/html', 'x-own': 'a', 'set-cookie': 'a=1' }, ...init })
    app.get('/response', () => answer())
    app.get('/status', () => new Response(PAGE, { status: 404, headers: { 'content-type': 'text/html; charset=utf-8', 'content-length': String(PAGE.length) } }))
    app.get('/etag', () => new Response(PAGE, { headers: { 'content-type': 'text/html', etag: '"a"' } }))
    app.get('/stream', (_, reply) => html(reply).send(new ReadableStream({ start (to) { to.enqueue(Buffer.from(PAGE)); to.close() } })))
    app.get('/strings', (_, reply) => html(reply).send(new ReadableStream({ start (to) { to.enqueue(PAGE); to.close() } })))
    app.get('/endless', (_, reply) => html(reply).send(new ReadableStream({ pull (to) { to.enqueue(Buffer.from(PAGE)) }, cancel () { cancelled = true } })))
    app.get('/fails', (_, reply) => html(reply).send(new ReadableStream({ start (to) { to.error(new Error('disk')) } })))
    app.get('/json', () => Response.json({ a: 1 }))
    app.get('/nothing', () => new Response(null, { headers: { 'content-type': 'text/html' } }))
    app.get('/used', async () => { const used = answer(); await used.text(); return used })
    app.get('/locked', (_, reply) => { const stream = new ReadableStream(); stream.getReader(); return html(reply).send(stream) })
  })
  for (const path of ['/response', '/stream', '/strings']) {
    const { status, text } = await get(path)
    t.equal(status, 200)
    t.equal(text, PAGE_WITH_TAG, path)
  }
  const { headers } = await get('/response')
  t.match(headers, { 'x-own': 'a', 'set-cookie': ['a=1'], 'cache-control': 'no-cache' })
  t.match(await get('/status'), { status: 404, text: PAGE_WITH_TAG.replace('></script>', ' data-status="404"></script>') })
  const { headers: { etag } } = await get('/etag')
  t.equal(etag, 'W/"a-e:0"')
  t.match(await get('/etag', { ...NAVIGATION, 'if-none-match': etag }), { status: 304, text: '' })
  t.match(await get('/json'), { status: 200, text: '{"a":1}' })
  t.equal((await get('/nothing')).text, '')
  t.equal((await get('/used')).status, 500, 'as it is without us')
  t.equal((await get('/locked')).status, 500, 'as it is without us')
  t.equal((await get('/fails')).status, 500)

  const request = http({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1', path: '/endless', headers: NAVIGATION, agent: false }).end()
  await once(request, 'response')
  request.destroy()
  await until(() => cancelled, 'the web stream is cancelled')
})

test('a web Response says what it is once, with the client in it, changed, or left as it came', async t => {
  const FRAGMENT = '<li>one</li>'
  const answer = (page: string, encode?: (bytes: Buffer) => Buffer) => {
    const bytes = encode?.(Buffer.from(page)) ?? Buffer.from(page)
    const response = new Response(new Uint8Array(bytes), { status: 201, headers: { 'content-type': 'text/html', 'content-length': String(bytes.length), 'x-own': 'a', ...encode && { 'content-encoding': 'gzip' } } })
    for (const cookie of ['a=1', 'b=2']) response.headers.append('set-cookie', cookie)
    return response
  }
  for (const inject of [{ position: 'head' }, false] as const) {
    for (const transform of [[], [(page: string) => page.replace('Hi', 'HI')]]) {
      const { get } = await site(t, app => {
        app.get('/plain', () => answer(PAGE))
        app.get('/gzip', () => answer(PAGE, zlib.gzipSync))
        app.get('/fragment', () => answer(FRAGMENT, zlib.gzipSync))
      }, { settings: { inject, transform, cacheControl: 'no-cache' } })
      const changed = inject !== false || transform.length > 0
      const page = (inject === false ? PAGE : PAGE_WITH_TAG).replace('Hi', transform.length > 0 ? 'HI' : 'Hi')
      const said = { status: 201, headers: { 'content-type': 'text/html', 'x-own': 'a', 'set-cookie': ['a=1', 'b=2'] } }
      const about = (path: string) => `${path}, inject ${inject !== false}, ${transform.length} transformers`
      const [plain, gzip, fragment] = [await get('/plain'), await get('/gzip'), await get('/fragment', { accept: 'text/html' })]
      t.match(plain, { ...said, text: page }, about('/plain'))
      t.equal(String(changed ? gzip.body : zlib.gunzipSync(gzip.body)), page, about('/gzip'))
      t.match(gzip, said)
      t.equal(gzip.headers['content-encoding'], changed ? undefined : 'gzip')
      t.match(fragment, { ...said, headers: { ...said.headers, 'content-encoding': 'gzip' } }, about('/fragment'))
      t.equal(String(zlib.gunzipSync(fragment.body)), FRAGMENT)
    }
  }
})

test('encoded documents are decoded, injected, and sent as they are then', async t => {
  const { get, lines } = await site(t, app => {
    for (const [encoding, encode] of Object.entries(ENCODERS)) {
      const bytes = encode(Buffer.from(BIG))
      const sent = (reply: FastifyReply) => html(reply).headers({ 'content-encoding': encoding, vary: 'accept-encoding', etag: '"a"' })
      app.get(`/${encoding}/buffer`, (_, reply) => sent(reply).send(bytes))
      app.get(`/${encoding}/stream`, (_, reply) => sent(reply).header('content-length', bytes.length).send(Readable.from([bytes])))
      app.get(`/${encoding}/bytes`, (_, reply) => sent(reply).send(Readable.from(pieces(encode(Buffer.from(PAGE))))))
      app.get(`/${encoding}/fragment`, (_, reply) => sent(reply).send(encode(Buffer.from('<li>one</li>'))))
      app.get(`/${encoding}/broken`, (_, reply) => sent(reply).send(Buffer.from(`\x01${PAGE}`)))
      app.get(`/${encoding}/empty`, (_, reply) => sent(reply).send(encode(Buffer.alloc(0))))
      app.get(`/${encoding}/none`, (_, reply) => sent(reply).send(Readable.from([])))
    }
  })
  for (const [encoding, encode] of Object.entries(ENCODERS)) {
    for (const kind of ['buffer', 'stream', 'bytes']) {
      const { text, headers } = await get(`/${encoding}/${kind}`)
      t.equal(text, withTag(kind === 'bytes' ? PAGE : BIG), `${encoding} ${kind}`)
      t.match(headers, { 'content-encoding': undefined, 'content-length': undefined, vary: 'accept-encoding', etag: 'W/"a-e:0"' })
      t.equal(text.replace(tagAt(0), ''), kind === 'bytes' ? PAGE : BIG, 'without the tag it is what it was')
    }
    t.match(await get(`/${encoding}/stream`, { ...NAVIGATION, 'if-none-match': 'W/"a-e:0"' }), { status: 304, text: '' })
    const head = await get(`/${encoding}/stream`, NAVIGATION, 'HEAD')
    t.match(head.headers, { 'content-encoding': undefined, 'content-length': undefined, etag: 'W/"a-e:0"' }, 'HEAD')
    const left = { fragment: encode(Buffer.from('<li>one</li>')), broken: Buffer.from(`\x01${PAGE}`), empty: encode(Buffer.alloc(0)), none: Buffer.alloc(0) }
    for (const [path, bytes] of Object.entries(left)) {
      const { body, headers } = await get(`/${encoding}/${path}`, { accept: 'text/html' })
      t.ok(body.equals(bytes), `${encoding} ${path} goes out as it came`)
      t.match(headers, { 'content-encoding': encoding, etag: '"a"' })
    }
    t.ok(lines.some(({ reason }) => reason === `it is not what it says (${encoding})`))
  }
})

test('zstd: decoded where Node has it, else as it came', async t => {
  const { get, lines } = await site(t, app => {
    const sent = (reply: FastifyReply) => html(reply).headers({ 'content-encoding': 'zstd', etag: '"a"' })
    app.get('/buffer', (_, reply) => sent(reply).send(ZSTD))
    app.get('/stream', (_, reply) => sent(reply).header('content-length', ZSTD.length).send(Readable.from(pieces(ZSTD))))
  })
  if (!zstdCompressSync) t.comment(`Node ${process.version} has no zstd: such documents go out as they came, and only that is tested`)
  for (const path of ['/buffer', '/stream']) {
    const { text, body, headers } = await get(path)
    if (zstdCompressSync) {
      t.equal(text, PAGE_WITH_TAG, path)
      t.match(headers, { 'content-encoding': undefined, 'content-length': undefined, etag: 'W/"a-e:0"' })
    } else {
      t.ok(body.equals(ZSTD), `${path}: to the byte`)
      t.match(headers, { 'content-encoding': 'zstd', 'content-length': String(ZSTD.length), etag: '"a"' })
      t.ok(lines.some(({ msg }) => msg === `live reload leaves GET ${path} alone: it is encoded (zstd)`), 'and why is said')
    }
  }
})

test('deflate without its first two bytes, gzip without its end, brotli with a broken middle', async t => {
  const { get } = await site(t, app => {
    app.get('/raw', (_, reply) => html(reply).header('content-encoding', 'deflate').send(zlib.deflateRawSync(PAGE)))
    app.get('/cut', (_, reply) => html(reply).header('content-encoding', 'gzip').send(zlib.gzipSync(PAGE).subarray(0, -8)))
    app.get('/br', (_, reply) => html(reply).header('content-encoding', 'br').send(zlib.brotliCompressSync(BIG).subarray(0, -5000)))
  })
  t.equal((await get('/raw')).text, PAGE_WITH_TAG)
  t.equal((await get('/cut')).text, PAGE_WITH_TAG, 'browsers show it too')
  await t.rejects(get('/br'), { code: 'ECONNRESET' }, 'what has begun is cut')
})

test('an encoded stream is not gathered: its first part leaves first', async t => {
  const zip = zlib.createGzip()
  const body = new PassThrough()
  const { app } = await site(t, app => app.get('/', (_, reply) => html(reply).header('content-encoding', 'gzip').send(body)))
  zip.pipe(body)
  const request = http({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1', headers: NAVIGATION, agent: false }).end()
  zip.write('<!doctype html><html><head><title>')
  zip.flush()
  const [response] = await once(request, 'response')
  const [first] = await once(response, 'data')
  t.match(String(first), tagAt(0), 'while the page is still being made')
  request.destroy()
  await until(() => body.destroyed, 'the source is closed')
})

test('a source that fails before its first byte fails as without the plugin, and a source without a reader is closed', async t => {
  const waiting = new PassThrough()
  const { app, get } = await site(t, app => {
    app.get('/fails', (_, reply) => html(reply).header('content-encoding', 'gzip').send(new Readable({ read () { this.destroy(new Error('disk')) } })))
    app.get('/waits', (_, reply) => html(reply).header('content-encoding', 'gzip').send(waiting))
  })
  t.equal((await get('/fails')).status, 500)
  const request = http({ port: (app.server.address() as AddressInfo).port, host: '127.0.0.1', path: '/waits', headers: NAVIGATION, agent: false }).end()
  request.on('error', () => {})
  await until(() => waiting.listenerCount('readable') > 0, 'it is read')
  request.destroy()
  await until(() => waiting.destroyed, 'it is closed')
})

test('compressed files of @fastify/static, and what a proxy brings', async t => {
  const { path } = folder(t, { 'index.html': PAGE })
  const { writeFileSync } = await import('node:fs')
  writeFileSync(`${path}/index.html.br`, zlib.brotliCompressSync(PAGE))
  writeFileSync(`${path}/index.html.gz`, zlib.gzipSync(PAGE))
  const upstream = Fastify({ forceCloseConnections: true })
  await upstream.register(fastifyStatic, { root: path, preCompressed: true })
  t.teardown(() => upstream.close())
  const address = await upstream.listen({ port: 0, host: '127.0.0.1' })
  const { get } = await site(t, async app => {
    await app.register(fastifyStatic, { root: path, preCompressed: true })
    await app.register(proxy, { upstream: address, prefix: '/proxy' })
  })
  for (const at of ['/', '/proxy/']) {
    for (const accept of ['br', 'gzip', 'identity']) {
      const { status, text, headers } = await get(at, { ...NAVIGATION, 'accept-encoding': accept })
      t.equal(status, 200, `${at} ${accept}`)
      t.equal(text, PAGE_WITH_TAG, `${at} ${accept}`)
      t.equal(headers['content-encoding'], undefined)
      t.equal((await get(at, { ...NAVIGATION, 'accept-encoding': accept, 'if-none-match': headers.etag })).status, 304, 'known by its ETag')
    }
  }
})

test('a reply whose headers are gone is left alone', async t => {
  const { get } = await site(t, app => app.get('/', (_, reply) => {
    reply.type('text/html').header('content-length', PAGE.length)
    reply.raw.writeHead(200, { 'content-type': 'text/html', 'content-length': PAGE.length })
    return reply.send(Readable.from([PAGE]))
  }))
  t.equal((await get('/')).text, PAGE)
})
