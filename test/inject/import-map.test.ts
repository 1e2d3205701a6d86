// The import map in documents: where it goes, what becomes of a map of the page, of policies, ETags, lengths and streams.
import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify'
import { test, type Test } from 'tap'
import { addImportMap } from '../../lib/inject/import-map/hook.js'
import { MapEditor } from '../../lib/inject/import-map/edit.js'
import { writeMap } from '../../lib/inject/import-map/merge.js'
import { type Answer, request, type RequestOptions } from '../support/http.js'
import { until } from '../support/wait.js'

const MAP = { imports: { lit: '/__libraries/lit/index.js' }, scopes: { '/__libraries/lit/': { html: '/__libraries/html/index.js' } } }
const TAG = `<script type="importmap">${JSON.stringify(MAP)}</script>`
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const HASH = hashOf(JSON.stringify(MAP))
const CSP = 'content-security-policy'

const editor = new MapEditor(MAP)

/** The document with the map, made in each of the ways; or the reason why there is none. */
async function edit (t: Test, html: string): Promise<string> {
  const found = editor.ofText(html)
  const text = typeof found === 'string' ? found : html.slice(0, found.from) + found.text + html.slice(found.to)
  const bytes = Buffer.from(html)
  const inBytes = editor.ofBytes(bytes)
  const decoded = typeof inBytes === 'string' ? inBytes : Buffer.concat([bytes.subarray(0, inBytes.from), Buffer.from(inBytes.text), bytes.subarray(inBytes.to)]).toString()
  t.equal(decoded, text, `bytes: ${html}`)
  for (const size of [1, 7, 100_000]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
    const { edit, first, rest } = await editor.ofStream(Readable.from(pieces, { objectMode: false }))
    const all = [first]
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) all.push(next.value)
    const whole = Buffer.concat(all)
    t.ok(whole.equals(bytes), `pieces of ${size}: nothing is lost`)
    t.equal(typeof edit === 'string' ? edit : Buffer.concat([whole.subarray(0, edit.from), Buffer.from(edit.text), whole.subarray(edit.to)]).toString(), text, `pieces of ${size}: ${html}`)
  }
  return text
}

test('it goes before the first script, module preload or policy of the page, and otherwise to the end of the head', async t => {
  /** `|` is the place. */
  const pages = [
    '<!doctype html><html><head><meta charset="utf-8"><title>ä</title>|<script type="module">import "lit"</script></head><body></body></html>',
    '<!doctype html><head><style>p {}</style>|<script src="/a.js"></script><link rel="modulepreload" href="/b.js"></head>',
    '<!doctype html><head><link rel="stylesheet" href="a.css">|<link href="/b.js" rel="preload modulepreload"><title>x</title>',
    '<!doctype html><head>|<meta http-equiv="Content-Security-Policy" content="script-src \'self\'"><script></script>',
    '<!doctype html><html><head><title><script></title><!-- <script> --><noscript><script></script></noscript><template><script></script></template>|</head><body><script></script>',
    '<!doctype html><title>x</title>|<p>no head</p><script type="module"></script>',
    '<!doctype html><html>|<body><script type="module"></script>',
    '\uFEFF<!DOCTYPE html>|text',
    '<html><head>|',
    '<body>|<p>x'.replace('<body>|', '|<body>'),
    '<!doctype html><head><script type="importmap" src="/map.json"></script>'.replace('<script', '|<script'),
    '<!doctype html><head>|<script type="importmap">{ no json }</script><script type="module"></script>',
    '<!doctype html><head>|<script type="importmap">[]</script>',
    '<!doctype html><head>|<script type="importmap">{"imports":[]}</script>',
    '<!doctype html><head>|<script type="importmap">{"imports":{}}'
  ]
  for (const page of pages) t.equal(await edit(t, page.replace('|', '')), page.replace('|', TAG))
})

test('what is no complete document stays as it is', async t => {
  for (const html of ['<p>fragment</p><script type="module"></script>', 'text', '', '<script></script>', '{"a":1}']) {
    t.match(await edit(t, html), /^(?:it is a fragment|no document begins)/, html)
  }
  t.match(editor.ofBytes(Buffer.from('\uFEFF<!doctype html>', 'utf16le')), /ASCII/)
  const { edit: ofStream } = await editor.ofStream(Readable.from([Buffer.from('\uFEFF<!doctype html>', 'utf16le')]))
  t.match(ofStream, /ASCII/)
})

test('a map of the page and that of the libraries become one: the page has the last word', async t => {
  const own = { imports: { mine: '/ä.js', lit: '/my-lit.js' }, scopes: { '/__libraries/lit/': { html: '/my-html.js', x: '/x.js' }, '/y/': {} }, integrity: { '/a.js': 'sha256-x' } }
  const merged = { imports: { ...MAP.imports, ...own.imports }, scopes: { ...MAP.scopes, ...own.scopes }, integrity: own.integrity }
  const at = (map: object) => `<!doctype html><head><title>ü</title><script nonce="n" type=" ImportMap ">${writeMap(map)}</script><script type="module"></script>`
  t.equal(await edit(t, at(own).replace(writeMap(own), JSON.stringify(own))), at(merged))
  t.equal(await edit(t, at({})), at(MAP))
  t.equal(await edit(t, at({ scopes: { '/__libraries/lit/': 1 } })), at({ scopes: { '/__libraries/lit/': 1 }, imports: MAP.imports }))
})

test('a map behind the head is found in a document that is whole', t => {
  const page = (map: object) => `<!doctype html><head><title>x</title></head><body>${'<p>x</p>'.repeat(10_000)}<script type="importmap">${writeMap(map)}</script><script type="module"></script>`
  const found = editor.ofText(page({ imports: { mine: '/a.js' } }))
  t.match(found, { text: writeMap({ imports: { ...MAP.imports, mine: '/a.js' }, scopes: MAP.scopes }) })
  t.end()
})

test('nothing in a map ends its script', t => {
  t.equal(writeMap({ imports: { '</script><!--': '/ä' } }), '{"imports":{"\\u003c/script>\\u003c!--":"/\\u00e4"}}')
  t.end()
})

const PAGE = '<!doctype html><html><head><title>x</title></head><body>ä</body></html>'
const WITH_MAP = PAGE.replace('</head>', `${TAG}</head>`)

interface Served {
  readonly lines: string[]
  readonly url: string
  get (url: string, options?: RequestOptions): Promise<Answer>
}

async function serve (t: Test, routes: (app: FastifyInstance) => void): Promise<Served> {
  const lines: string[] = []
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  addImportMap(app, { map: MAP, base: '/__libraries/', log: { warn: (line: string) => lines.push(line) } as unknown as FastifyBaseLogger })
  routes(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { lines, url: `http://127.0.0.1:${port}`, get: (url, options) => request(port, url, options) }
}

const html = (reply: FastifyReply): FastifyReply => reply.type('text/html; charset=utf-8')

test('strings, bytes, streams, web streams and responses, with their lengths', async t => {
  const { get } = await serve(t, app => {
    app.get('/text', (_, reply) => html(reply).send(PAGE))
    app.get('/bytes', (_, reply) => html(reply).send(Buffer.from(PAGE)))
    app.get('/stream', (_, reply) => html(reply).send(Readable.from([PAGE.slice(0, 20), PAGE.slice(20)])))
    app.get('/known', (_, reply) => html(reply).header('content-length', Buffer.byteLength(PAGE)).send(Readable.from([PAGE])))
    app.get('/web', (_, reply) => html(reply).send(new Blob([PAGE]).stream()))
    app.get('/response', (_, reply) => reply.send(new Response(PAGE, { status: 404, headers: { 'content-type': 'text/html' } })))
  })
  for (const url of ['/text', '/bytes', '/stream', '/known', '/web', '/response']) {
    const { status, text, headers } = await get(url)
    t.equal(text, WITH_MAP, url)
    t.equal(status, url === '/response' ? 404 : 200)
    if (['/text', '/bytes', '/known'].includes(url)) t.equal(headers['content-length'], String(Buffer.byteLength(WITH_MAP)), url)
  }
})

test('what is left alone: other types, fragments, downloads, parts, routes that say so', async t => {
  const { get } = await serve(t, app => {
    app.get('/json', () => ({ html: PAGE }))
    app.get('/plain', (_, reply) => reply.type('text/plain').send(PAGE))
    app.get('/fragment', (_, reply) => html(reply).header('etag', '"a"').send('<p>x</p>'))
    app.get('/stream', (_, reply) => html(reply).header('etag', '"a"').send(Readable.from(['<p>', 'x</p>'])))
    app.get('/response', (_, reply) => reply.send(new Response('<p>x</p>', { headers: { 'content-type': 'text/html', etag: '"a"' } })))
    app.get('/download', (_, reply) => html(reply).header('content-disposition', 'attachment').send(PAGE))
    app.get('/part', (_, reply) => html(reply).code(206).header('content-range', 'bytes 0-9/99').send(PAGE))
    app.get('/off', { config: { importMap: false } }, (_, reply) => html(reply).send(PAGE))
    app.get('/broken', (_, reply) => html(reply).header('content-encoding', 'gzip').send(Buffer.from('no gzip')))
  })
  for (const url of ['/json', '/plain', '/fragment', '/stream', '/response', '/download', '/part', '/off', '/broken']) {
    const { text, headers } = await get(url)
    t.notMatch(text, 'importmap', url)
    if (text === '<p>x</p>') t.equal(headers.etag, '"a"', url)
  }
  t.equal((await get('/broken')).text, 'no gzip')
})

test('a page that scripts fetch has its map: a cache may give it to whoever opens it', async t => {
  const { get } = await serve(t, app => { app.get('/', (_, reply) => html(reply).send(PAGE)) })
  t.equal((await get('/', { headers: { 'Sec-Fetch-Dest': 'empty', 'HX-Request': 'true' } })).text, WITH_MAP)
})

test('the ETag of a page is another one with the map, and a copy of it is good', async t => {
  const { get } = await serve(t, app => {
    app.get('/', (_, reply) => html(reply).headers({ etag: '"a"', 'last-modified': new Date(0).toUTCString(), [CSP]: "script-src 'self'" }).send(PAGE))
    app.get('/stream', (_, reply) => html(reply).header('last-modified', new Date(0).toUTCString()).send(Readable.from([PAGE])))
  })
  for (const url of ['/', '/stream']) {
    const { headers, text } = await get(url)
    t.equal(text, WITH_MAP)
    const { etag = '' } = headers
    t.match(etag, /^W\/"(?:a|0)-[\w+/]{16}:0"$/)
    t.notOk(headers['last-modified'], 'which would say that a copy without the map is good')
    const again = await get(url, { headers: { 'If-None-Match': etag } })
    t.match(again, { status: 304, text: '', headers: { etag } })
    t.equal(again.headers[CSP], headers[CSP], 'what a copy in the browser is held to')
    t.equal((await get(url, { headers: { 'If-None-Match': '"a"' } })).status, 200)
    const head = await get(url, { method: 'HEAD' })
    t.match(head, { status: 200, text: '', headers: { etag } })
    t.equal(head.headers['content-length'], url === '/' ? String(Buffer.byteLength(WITH_MAP)) : undefined)
  }
})

test('policies allow the map by its hash, and the files where they would not', async t => {
  /** What is sent, and what comes; `undefined`: the same. */
  const rows: readonly (readonly [policy: string, extended?: string])[] = [
    ["script-src 'self'", `script-src 'self' ${HASH}`],
    ["default-src 'self'; img-src *", `default-src 'self'; img-src *; script-src 'self' ${HASH}`],
    ["default-src 'none'", `default-src 'none'; script-src ${HASH} localhost:PORT/__libraries/`],
    ["script-src 'none'; script-src-elem https://cdn.test", `script-src 'none'; script-src-elem https://cdn.test ${HASH} localhost:PORT/__libraries/`],
    ["script-src 'nonce-abc'", `script-src 'nonce-abc' ${HASH}`],
    ["script-src 'nonce-abc' 'strict-dynamic' 'unsafe-inline'", `script-src 'nonce-abc' 'strict-dynamic' 'unsafe-inline' ${HASH}`],
    ["script-src 'sha256-x' 'unsafe-inline'", `script-src 'sha256-x' 'unsafe-inline' ${HASH} localhost:PORT/__libraries/`],
    ["script-src 'self' 'unsafe-inline'"],
    ["script-src 'unsafe-inline' https://cdn.test", "script-src 'unsafe-inline' https://cdn.test localhost:PORT/__libraries/"],
    [`script-src 'self' ${HASH}`],
    ["img-src 'self'"],
    ["script-src 'self', default-src https:; object-src 'none'", `script-src 'self' ${HASH}, default-src https:; object-src 'none'; script-src https: ${HASH} localhost:PORT/__libraries/`]
  ]
  const { get } = await serve(t, app => {
    app.get('/:row', ({ params }, reply) => html(reply).header(CSP, rows[Number((params as { row: string }).row)]?.[0]).send(PAGE))
    app.get('/report', (_, reply) => html(reply).header(`${CSP}-report-only`, "script-src 'self'").send(PAGE))
  })
  for (const [i, [policy, extended = policy]] of rows.entries()) {
    t.equal((await get(`/${i}`)).headers[CSP]?.replace(/localhost:\d+/g, 'localhost:PORT').replace(/,\s*/g, ', '), extended, policy)
  }
  t.equal((await get('/report')).headers[`${CSP}-report-only`], `script-src 'self' ${HASH}`)
})

test('a policy gets the hash of what is in the page when the page has a map of its own', async t => {
  const { get } = await serve(t, app => {
    app.get('/', (_, reply) => html(reply).header(CSP, "script-src 'self'").send(Readable.from([PAGE.replace('</head>', '<script type="importmap">{"imports":{"a":"/a.js"}}</script></head>')])))
  })
  const { text, headers } = await get('/')
  const [, content = ''] = /<script type="importmap">(.*?)<\/script>/.exec(text) ?? []
  t.match(JSON.parse(content), { imports: { lit: MAP.imports.lit, a: '/a.js' } })
  t.equal(headers[CSP], `script-src 'self' ${hashOf(content)}`)
})

test('a compressed page is sent uncompressed, with one warning that says what to do', async t => {
  const { get, lines } = await serve(t, app => {
    app.get('/gzip', (_, reply) => html(reply).header('content-encoding', 'gzip').send(gzipSync(PAGE)))
    app.get('/br', (_, reply) => html(reply).headers({ 'content-encoding': 'br', 'content-length': brotliCompressSync(PAGE).length }).send(Readable.from([brotliCompressSync(PAGE)])))
  })
  for (const url of ['/gzip', '/br']) {
    const { text, headers } = await get(url)
    t.equal(text, WITH_MAP, url)
    t.notOk(headers['content-encoding'])
  }
  t.match(lines, [/register @fastify\/compress after fastify-live-reload$/])
  t.equal(lines.length, 1)
})

test('a stream goes on as it comes, fails as it fails, and is closed when nobody reads', async t => {
  const sources = { open: new PassThrough(), late: new PassThrough(), early: new PassThrough() }
  const { get, url } = await serve(t, app => {
    for (const [name, source] of Object.entries(sources)) app.get(`/${name}`, (_, reply) => html(reply).send(source))
  })
  sources.open.write(PAGE.slice(0, -14))
  t.match((await get('/open', { untilHead: true })).head, '200')
  await until(() => sources.open.destroyed, 'the reader has gone, and the source is closed')
  const late = fetch(`${url}/late`).then(reply => reply.text())
  late.catch(() => {})
  sources.late.write(PAGE)
  await until(() => sources.late.readableLength === 0, 'it is read')
  sources.late.destroy(new Error('broken'))
  await t.rejects(late, 'the page breaks off')
  const early = get('/early')
  await until(() => sources.early.listenerCount('readable') > 0, 'it is waited for')
  sources.early.destroy(new Error('broken'))
  t.equal((await early).status, 500)
})
