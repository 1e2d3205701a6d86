// The app's own changes to documents, and the client after them.
import { PassThrough, Readable, Transform } from 'node:stream'
import { TransformStream } from 'node:stream/web'
import { gzipSync } from 'node:zlib'
import type { FastifyReply } from 'fastify'
import { test } from 'tap'
import type { Transformer } from '../../types/options.js'
import { NAVIGATION, PAGE, PAGE_WITH_TAG, site, tagAt } from './app.js'

const html = (reply: FastifyReply) => reply.type('text/html')
const upper: Transformer = page => page.replace('Hi', 'HI')
const settings = (transform: Transformer[], inject: false | { position: 'head' } = { position: 'head' }) => ({ settings: { inject, transform, cacheControl: 'no-cache' } })
/** Says it for `from` wherever a chunk has it. */
const replacing = (from: string, to: string) => new Transform({ transform (chunk, _, done) { done(null, String(chunk).replace(from, to)) } })

const carriers: Record<string, (reply: FastifyReply) => unknown> = {
  string: reply => html(reply).send(PAGE),
  buffer: reply => html(reply).header('content-length', PAGE.length).send(Buffer.from(PAGE)),
  stream: reply => html(reply).header('content-length', PAGE.length).send(Readable.from([PAGE.slice(0, 90), PAGE.slice(90)])),
  web: () => new Response(PAGE, { status: 201, headers: { 'content-type': 'text/html', 'x-own': 'a' } }),
  gzip: reply => html(reply).header('content-encoding', 'gzip').send(gzipSync(PAGE))
}

test('in their order, whatever carries the document, and whatever their form', async t => {
  const seen: string[] = []
  const { get } = await site(t, app => {
    for (const [name, send] of Object.entries(carriers)) app.get(`/${name}`, (_, reply) => send(reply))
  }, settings([
    (page, { request, reply, url }) => { seen.push(`${request.method} ${url} ${reply.statusCode}`); return page.replace('Hi', 'one') },
    async page => page.replace('one', 'two'),
    { stream: () => replacing('two', 'three') },
    { stream: () => new TransformStream({ transform (chunk: Buffer, to) { to.enqueue(Buffer.from(String(chunk).replace('three', 'four'))) } }) },
    page => page.replace('four', 'five')
  ]))
  for (const name of Object.keys(carriers)) {
    const { status, text, headers } = await get(`/${name}?a=1`)
    t.equal(text, PAGE_WITH_TAG.replace('Hi', 'five'), name)
    t.equal(headers['content-length'], String(text.length), name)
    t.equal(status, name === 'web' ? 201 : 200)
    t.equal(seen.pop(), `GET /${name}?a=1 ${status}`)
  }
})

test('a stream stays one when no transformer asks for the whole', async t => {
  const body = new PassThrough()
  const { get } = await site(t, app => app.get('/', (_, reply) => html(reply).send(body)), settings([{ stream: () => replacing('Hi', 'HI') }]))
  const answer = get('/')
  body.write(PAGE.slice(0, 90))
  body.end(PAGE.slice(90))
  const { text, headers } = await answer
  t.equal(text, PAGE_WITH_TAG.replace('Hi', 'HI'))
  t.equal(headers['content-length'], undefined)
})

test('a transformer that fails is left out, and logged once', async t => {
  const { get, lines } = await site(t, app => {
    app.get('/string', (_, reply) => html(reply).send(PAGE))
    app.get('/stream', (_, reply) => html(reply).send(Readable.from([PAGE])))
  }, settings([
    () => { throw new Error('mine') },
    async () => { throw new Error('later') },
    (() => 7) as never,
    (() => null) as never,
    { stream: () => { throw new Error('made') } },
    upper
  ]))
  for (const path of ['/string', '/stream', '/string']) t.equal((await get(path)).text, PAGE_WITH_TAG.replace('Hi', 'HI'), path)
  t.strictSame(lines.filter(({ level }) => level === 40).map(({ msg }) => msg), ['/string', '/stream'].flatMap(path =>
    [0, 1, 2, 3, 4].map(i => `\`transform[${i}]\` failed, GET ${path} goes out without it`)))
})

test('a stream that fails half way cuts the reply', async t => {
  const { get } = await site(t, app => app.get('/', (_, reply) => html(reply).send(Readable.from([PAGE, PAGE]))), settings([
    { stream: () => { let n = 0; return new Transform({ transform (chunk, _, done) { if (n++ === 0) done(null, chunk); else setImmediate(() => done(new Error('mine'))) } }) } }
  ]))
  await t.rejects(get('/').then(({ status }) => { if (status === 500) throw new Error('before the first byte') }))
})

test('what is no document of ours stays as it is', async t => {
  const { get } = await site(t, app => {
    app.get('/json', () => ({ a: 'Hi' }))
    app.get('/fragment', (_, reply) => html(reply).send('<li>Hi</li>'))
    app.get('/latin1', (_, reply) => reply.type('text/html; charset=iso-8859-1').send(Buffer.from(PAGE.replace('Hi', 'Hi \xE4'), 'latin1')))
    app.get('/off', { config: { liveReload: false } }, (_, reply) => html(reply).send(PAGE))
    app.get('/broken', (_, reply) => html(reply).header('content-encoding', 'gzip').send(Buffer.from('Hi')))
  }, settings([upper]))
  t.equal((await get('/json')).text, '{"a":"Hi"}')
  t.equal((await get('/fragment', {})).text, '<li>Hi</li>')
  t.equal((await get('/fragment')).text, `${tagAt(0)}<li>HI</li>`, 'but a navigation')
  t.match((await get('/latin1')).body.toString('latin1'), 'Hi \xE4')
  t.equal((await get('/off')).text, PAGE)
  t.equal((await get('/broken')).text, 'Hi')
})

test('304 and HEAD', async t => {
  const { get, world } = await site(t, app => app.get('/', (_, reply) => html(reply).header('etag', '"a"').send(PAGE)), settings([upper]))
  const { etag } = (await get('/')).headers
  t.equal(etag, 'W/"a-e:0"')
  t.match(await get('/', { ...NAVIGATION, 'if-none-match': etag }), { status: 304, text: '' })
  world.seq++
  t.equal((await get('/', { ...NAVIGATION, 'if-none-match': etag })).status, 200)
  const head = await get('/', NAVIGATION, 'HEAD')
  t.match(head, { status: 200, text: '', headers: { etag: 'W/"a-e:1"', 'content-type': 'text/html' } })
})

test('inject: false', async t => {
  const { get } = await site(t, app => {
    for (const [name, send] of Object.entries(carriers)) app.get(`/${name}`, (_, reply) => send(reply))
  }, settings([upper], false))
  for (const name of Object.keys(carriers)) t.equal((await get(`/${name}`)).text, PAGE.replace('Hi', 'HI'), name)
})

test('a transformer that makes a page no document of it', async t => {
  const { get, lines } = await site(t, app => app.get('/', (_, reply) => html(reply).send(PAGE)), settings([() => '<li>']))
  t.equal((await get('/', {})).text, '<li>')
  t.ok(lines.some(({ reason }) => reason === 'it is a fragment, not a document'))
})

test('transform: the list may change while the app runs', async t => {
  const transform: Transformer[] = []
  const { get } = await site(t, app => app.get('/', (_, reply) => html(reply).send(PAGE)), settings(transform, false))
  t.equal((await get('/')).text, PAGE)
  transform.push(upper)
  t.match((await get('/')).text, 'HI')
  transform.pop()
  t.equal((await get('/')).text, PAGE)
})
