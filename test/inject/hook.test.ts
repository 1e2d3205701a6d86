import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { test } from 'tap'
import type { FastifyReply } from 'fastify'
import { folder } from '../support/folder.js'
import { EPOCH, NAVIGATION, PAGE, PAGE_WITH_TAG, site, tagAt } from './app.js'

const html = (reply: FastifyReply) => reply.type('text/html')
const bytes = (page: string) => Readable.from([Buffer.from(page)])

test('a document gets the tag once, whatever carries it', async t => {
  const { get } = await site(t, app => {
    app.get('/string', (_, reply) => html(reply).send(PAGE))
    app.get('/charset', (_, reply) => reply.type('text/html; charset=iso-8859-1').send(PAGE))
    app.get('/async', async (_, reply) => { html(reply); return PAGE })
    app.get('/buffer', (_, reply) => html(reply).send(Buffer.from(PAGE)))
    app.get('/stream', (_, reply) => html(reply).send(bytes(PAGE)))
    app.get('/length', (_, reply) => html(reply).header('content-length', PAGE.length).send(bytes(PAGE)))
    app.get('/string-length', (_, reply) => html(reply).header('content-length', PAGE.length).send(PAGE))
    app.get('/raw-length', (_, reply) => { reply.raw.setHeader('content-length', PAGE.length); return html(reply).send(Buffer.from(PAGE)) })
  })
  for (const path of ['/string', '/charset', '/async', '/buffer', '/stream', '/length', '/string-length', '/raw-length']) {
    for (const headers of [NAVIGATION, {}, { accept: '*/*' }, { 'sec-fetch-dest': 'iframe' }]) {
      const answer = await get(path, headers)
      t.equal(answer.status, 200, path)
      t.equal(answer.text, PAGE_WITH_TAG, path)
      t.equal(answer.headers['content-length'], path === '/stream' || path === '/length' ? undefined : String(PAGE_WITH_TAG.length), path)
    }
  }
})

test('a file that the app sends as a stream: with an encoding, and one that ends too early', async t => {
  // More than Node reads at once.
  const large = PAGE.replace('Hi', 'Hé'.repeat(50_000))
  const { path } = folder(t, { 'large.html': large })
  const file = `${path}/large.html`
  const { get } = await site(t, app => {
    app.get('/encoded', (_, reply) => html(reply).header('content-length', Buffer.byteLength(large)).send(createReadStream(file, 'utf8')))
    app.get('/destroyed', (_, reply) => html(reply).header('content-length', 3).send(createReadStream(file).destroy()))
  })
  t.equal((await get('/encoded')).text, large.replace('<meta charset="utf-8">', `$&${tagAt(0)}`))
  t.match(await get('/destroyed'), { status: 500, text: /Premature close/ })
})

test('position body', async t => {
  const { get } = await site(t, app => {
    app.get('/string', (_, reply) => html(reply).send(PAGE))
    app.get('/stream', (_, reply) => html(reply).send(bytes(PAGE)))
  }, { settings: { inject: { position: 'body' }, transform: [], cacheControl: false } })
  for (const path of ['/string', '/stream']) {
    const { text, headers } = await get(path)
    t.equal(text, PAGE.replace('</body>', `${tagAt(0)}$&`), path)
    t.notOk('cache-control' in headers, 'cacheControl: false')
  }
})

test('a HEAD says what the GET would', async t => {
  const { get } = await site(t, app => {
    app.get('/string', (_, reply) => html(reply).header('etag', '"a"').send(PAGE))
    app.get('/stream', (_, reply) => html(reply).header('etag', '"a"').header('content-length', PAGE.length).send(bytes(PAGE)))
    app.route({ method: ['GET', 'HEAD'], url: '/both', handler: (_, reply) => html(reply).header('etag', '"a"').header('content-length', PAGE.length).send(PAGE) })
  })
  for (const path of ['/string', '/both', '/stream']) {
    const head = await get(path, NAVIGATION, 'HEAD')
    const { date: _, connection: __, 'transfer-encoding': ___, ...headers } = (await get(path)).headers
    t.equal(head.body.length, 0)
    if (path === '/stream') {
      t.notOk('content-length' in head.headers, 'nobody can tell')
      delete headers['content-length']
    }
    t.match(head.headers, headers, path)
    t.equal(head.headers.etag, `W/"a-${EPOCH}:0"`)
  }
})

test('what is no document of ours stays as it is, to the byte', async t => {
  const gzip = Buffer.from('1f8b08', 'hex')
  const { get, lines } = await site(t, app => {
    const route = (path: string, send: (reply: FastifyReply) => unknown) => app.get(path, (_, reply) => send(reply))
    route('/json', reply => reply.send({ a: PAGE }))
    route('/text', reply => reply.type('text/plain').send(PAGE))
    route('/fragment', reply => html(reply).send('<li>one</li>'))
    route('/fragment-stream', reply => html(reply).header('content-length', 12).send(bytes('<li>one</li>')))
    route('/encoded', reply => html(reply).header('content-encoding', 'compress').send(gzip))
    route('/broken', reply => html(reply).header('content-encoding', 'gzip').send(Buffer.from('abc')))
    route('/download', reply => html(reply).header('content-disposition', 'attachment').send(PAGE))
    route('/part', reply => html(reply).code(206).header('content-range', 'bytes 0-3/9').send(PAGE))
    route('/no-transform', reply => html(reply).header('cache-control', 'no-transform').send(PAGE))
    route('/utf16', reply => html(reply).send(Buffer.from(PAGE, 'utf16le')))
    route('/empty', reply => html(reply).send(''))
    route('/empty-buffer', reply => html(reply).send(Buffer.alloc(0)))
    route('/none', reply => html(reply).send())
    route('/no-content', reply => html(reply).code(204).send())
    route('/redirect', reply => html(reply).redirect('/json'))
    route('/web', reply => reply.send(new Response('<li>', { headers: { 'content-type': 'text/html' } })))
    route('/hijack', reply => { reply.hijack().raw.end(PAGE) })
    app.get('/off', { config: { liveReload: false } }, (_, reply) => html(reply).header('last-modified', 'x').send(PAGE))
  })
  const asked = { accept: 'text/html' }
  for (const [path, body, reason] of [
    ['/json', JSON.stringify({ a: PAGE }), 'its content type is not text/html'],
    ['/text', PAGE, 'its content type is not text/html'],
    ['/fragment', '<li>one</li>', 'it is a fragment, not a document'],
    ['/fragment-stream', '<li>one</li>', 'it is a fragment, not a document'],
    ['/encoded', gzip.toString(), 'it is encoded (compress)'],
    ['/broken', 'abc', 'it is not what it says (gzip)'],
    ['/download', PAGE, 'it is a download'],
    ['/part', PAGE, 'its status is 206'],
    ['/no-transform', PAGE, 'it says Cache-Control: no-transform'],
    ['/utf16', Buffer.from(PAGE, 'utf16le').toString(), 'its encoding does not contain ASCII'],
    ['/empty', '', 'it is empty'],
    ['/empty-buffer', '', 'it is empty'],
    ['/none', '', 'it is empty'],
    ['/no-content', '', 'its status is 204'],
    ['/redirect', '', 'its status is 302'],
    ['/web', '<li>', 'it is a fragment, not a document'],
    ['/hijack', PAGE, undefined],
    ['/off', PAGE, 'its route says liveReload: false']
  ] as const) {
    await get(path, asked)
    const { text, headers } = await get(path, asked)
    t.equal(text, body, path)
    if ('content-length' in headers) t.equal(Number(headers['content-length']), path === '/utf16' ? PAGE.length * 2 : body === gzip.toString() ? 3 : body.length, path)
    const told = lines.filter(({ msg }) => msg.includes(`GET ${path} `))
    t.strictSame(told.map(line => line.reason), reason === undefined ? [] : [reason], `${path}: said once`)
  }
  t.notOk('cache-control' in (await get('/off')).headers, 'not even Cache-Control')
})

test('what scripts fetch stays as it is', async t => {
  const { get } = await site(t, app => {
    app.get('/', (_, reply) => html(reply).send(PAGE))
    app.post('/', (_, reply) => html(reply).code(422).send(PAGE))
  })
  for (const headers of [
    { 'sec-fetch-dest': 'empty' },
    { 'hx-request': 'true' },
    { 'hx-history-restore-request': 'true' },
    { 'turbo-frame': 'x' },
    { 'x-turbo-request-id': '1' },
    { 'x-up-target': 'main' },
    { 'x-up-version': '3' },
    { 'x-requested-with': 'XMLHttpRequest' },
    { origin: 'http://evil.test' }
  ]) {
    const answer = await get('/', headers)
    t.equal(answer.text, PAGE, JSON.stringify(headers))
  }
  const posted = await get('/', NAVIGATION, 'POST')
  t.equal(posted.text, PAGE_WITH_TAG.replace('></script>', ' data-method="POST"></script>'), 'a form that was sent and answered with a page: the client must not send it again')
  t.notOk('cache-control' in posted.headers)
})

test('a navigation makes a document of everything that is HTML', async t => {
  const { get } = await site(t, app => {
    app.get('/string', (_, reply) => html(reply).send('<h1>hi</h1>'))
    app.get('/stream', (_, reply) => html(reply).header('content-length', '11').send(bytes('<h1>hi</h1>')))
  })
  for (const path of ['/string', '/stream']) {
    const { text, headers } = await get(path)
    t.equal(text, `${tagAt(0)}<h1>hi</h1>`)
    t.equal(headers['content-length'], path === '/stream' ? undefined : String(text.length))
  }
})

test('a later hook that takes the length out has its way', async t => {
  const { get } = await site(t, app => {
    app.addHook('onSend', async (_, reply) => { await null; reply.removeHeader('content-length') })
    app.get('/', (_, reply) => html(reply).header('content-length', 12).send(bytes('<li>one</li>')))
  })
  const { text, headers } = await get('/', {})
  t.equal(text, '<li>one</li>')
  t.notOk('content-length' in headers)
})

test('a later hook that takes its time', async t => {
  const { get } = await site(t, app => {
    app.addHook('onSend', async () => { await new Promise(resolve => setImmediate(resolve)) })
    app.get('/', (_, reply) => html(reply).header('content-length', 12).send(bytes('<li>one</li>')))
  })
  const { text, headers } = await get('/', {})
  t.equal(text, '<li>one</li>')
  t.equal(headers['content-length'], '12')
})

test('error pages', async t => {
  const { get } = await site(t, app => {
    app.get('/throw', () => { throw new Error('x') })
    app.get('/broken', (_, reply) => html(reply).send(new Readable({ read () { this.destroy(new Error('disk')) } })))
    app.setErrorHandler((_, __, reply) => html(reply).code(500).send(PAGE))
    app.setNotFoundHandler((_, reply) => html(reply).code(404).send(PAGE))
  })
  for (const [path, status] of [['/nothing', 404], ['/throw', 500], ['/broken', 500]] as const) {
    const answer = await get(path)
    t.equal(answer.status, status, path)
    t.equal(answer.text, PAGE_WITH_TAG.replace('></script>', ` data-status="${status}"></script>`), path)
  }
})

test('the stamp is of when the request began', async t => {
  const { get, world } = await site(t, app => {
    app.get('/', async (_, reply) => {
      const page = PAGE
      await null
      world.seq++
      return html(reply).send(page)
    })
  })
  t.match((await get('/')).text, tagAt(0))
  t.match((await get('/')).text, tagAt(1))
})

test('a page that comes again as it was, although files that the app reads have changed, says so once', async t => {
  let text = 'one'
  let changedSeq = 0
  const { get, world } = await site(t, app => {
    app.get('/', (_, reply) => html(reply).send(PAGE.replace('Hi', text)))
    app.get('/error', (_, reply) => html(reply).code(500).send(PAGE))
    app.get('/long', (_, reply) => html(reply).send(PAGE.replace('Hi', 'x'.repeat(70_000))))
  }, { changedSeq: () => changedSeq })
  const says = async (path: string) => (await get(path)).text.includes('data-remark=" (nothing changed: a template cache?)"')
  const paths = ['/', '/error', '/long']
  for (const path of paths) t.notOk(await says(path), `${path}: the first time`)
  world.seq++
  for (const path of paths) t.notOk(await says(path), `${path}: only files of a root have changed`)
  changedSeq = ++world.seq
  t.same(await Promise.all(paths.map(says)), [true, false, false])
  t.notOk(await says('/'), 'not twice')
  changedSeq = ++world.seq
  text = 'two'
  t.notOk(await says('/'), 'it has changed')
  changedSeq = world.seq + 1
  t.notOk(await says('/'), 'it was made before the change')
})

test('a reply before our hook ran has a stamp too', async t => {
  const { get } = await site(t, async app => {
    app.addHook('onRequest', (_, reply, done) => { reply.code(401).type('text/html').send(PAGE); done() })
    const { inject } = await import('./app.js')
    inject(app)
    app.get('/', () => 'never')
  }, false)
  const { status, text } = await get('/')
  t.equal(status, 401)
  t.equal(text, PAGE_WITH_TAG.replace('></script>', ' data-status="401"></script>'))
})

test('inject.when', async t => {
  const { get, lines } = await site(t, app => {
    for (const path of ['/yes', '/no', '/throw']) app.get(path, (_, reply) => html(reply).send(PAGE))
    app.get('/json', () => ({}))
  }, {
    settings: {
      inject: {
        position: 'head',
        when (request, reply) {
          if (request.url === '/throw') throw new Error('mine')
          return request.url === '/yes' && reply.statusCode === 200
        }
      },
      transform: [],
      cacheControl: false
    }
  })
  t.equal((await get('/yes')).text, PAGE_WITH_TAG)
  t.equal((await get('/no')).text, PAGE)
  t.equal((await get('/throw')).text, PAGE)
  t.equal((await get('/throw')).text, PAGE)
  t.equal(lines.filter(({ level, msg }) => level === 40 && msg.includes('inject.when')).length, 1)
  t.ok(lines.some(({ reason }) => reason === 'inject.when says no'))
  await get('/nowhere')
  t.ok(lines.some(({ msg }) => msg.startsWith('live reload leaves GET (not found) alone: ')), 'a request that no route answers has a method')
})

test('inject.when may be async; its rejection is logged and the page stays as it is', async t => {
  const when = async ({ url }: { url: string }) => {
    await null
    if (url === '/reject') throw new Error('mine')
    return url === '/yes'
  }
  const { get, lines } = await site(t, app => {
    for (const path of ['/yes', '/no', '/reject']) app.get(path, (_, reply) => html(reply).send(PAGE))
    app.get('/file', (_, reply) => html(reply).send(bytes(PAGE)))
  }, { settings: { inject: { position: 'head', when }, transform: [], cacheControl: false } })
  t.equal((await get('/yes')).text, PAGE_WITH_TAG)
  for (const path of ['/no', '/reject', '/file']) t.equal((await get(path)).text, PAGE, path)
  t.strictSame(lines.filter(({ level }) => level === 40).map(({ msg }) => msg), ['live reload leaves GET /reject alone: `inject.when` failed'])
})

test('a Host that is not ours never sees the token', async t => {
  const { get } = await site(t, app => app.get('/', (_, reply) => html(reply).send(PAGE)), {
    isHostAllowed: request => request.headers.host?.startsWith('localhost') === true
  })
  t.equal((await get('/', { ...NAVIGATION, host: 'evil.test' })).text, PAGE)
  t.equal((await get('/', { ...NAVIGATION, host: 'localhost' })).text, PAGE_WITH_TAG)
})

test('nothing of the request is in the page', async t => {
  const { get } = await site(t, app => app.get('/x', (_, reply) => html(reply).send(PAGE)))
  for (const path of ['/x?"></script><script>alert(1)//', '/x?%22%3E%3C/script%3E', '/x?__live=1&v=evil']) {
    t.equal((await get(encodeURI(path))).text, PAGE_WITH_TAG, path)
  }
})

test('inject: false leaves only Cache-Control', async t => {
  const { get, app } = await site(t, app => app.get('/', (_, reply) => html(reply).header('etag', '"a"').send(PAGE)), { settings: { inject: false, transform: [], cacheControl: 'no-cache' } })
  const { text, headers } = await get('/', { ...NAVIGATION, 'if-none-match': '"b"' })
  t.equal(text, PAGE)
  t.match(headers, { etag: '"a"', 'cache-control': 'no-cache' })
  t.ok(app.printRoutes())
})

test('Cache-Control: pages and files that say nothing', async t => {
  const { get } = await site(t, app => {
    app.get('/page', (_, reply) => html(reply).send(PAGE))
    app.get('/own', (_, reply) => html(reply).header('cache-control', 'max-age=9').send(PAGE))
    app.get('/file', (_, reply) => reply.type('text/css').header('last-modified', 'Sat, 21 Nov 2026 10:00:00 GMT').send('a{}'))
    for (const name of ['kept.css', 'app-3f2a9c.css', 'asked.css', 'zero.css']) {
      const said: Record<string, string> = { 'asked.css': 'max-age=9, no-cache', 'zero.css': 'max-age=0' }
      app.get(`/${name}`, (_, reply) => reply.type('text/css').header('last-modified', 'Sat, 21 Nov 2026 10:00:00 GMT').header('cache-control', said[name] ?? 'public, max-age=3600, immutable').send('a{}'))
    }
    app.get('/data', () => ({ a: 1 }))
    app.post('/page', (_, reply) => html(reply).header('last-modified', 'x').send(PAGE))
    app.get('/missing', (_, reply) => html(reply).code(404).header('cache-control', 'no-store').send(PAGE))
  }, { settings: { inject: { position: 'head' }, transform: [], cacheControl: 'no-cache, private' } })
  const said = async (path: string, method?: string) => (await get(path, NAVIGATION, method)).headers['cache-control']
  t.equal(await said('/page'), 'no-cache, private')
  t.equal(await said('/page', 'HEAD'), 'no-cache, private')
  t.equal(await said('/own'), 'max-age=9')
  t.equal(await said('/file'), 'no-cache, private')
  t.equal(await said('/kept.css'), 'no-cache, private', 'a saved file has to show')
  t.equal(await said('/kept.css?v=2'), 'no-cache, private')
  t.equal(await said('/app-3f2a9c.css'), 'public, max-age=3600, immutable', 'what changes has another name')
  t.equal(await said('/asked.css'), 'max-age=9, no-cache')
  t.equal(await said('/zero.css'), 'max-age=0')
  t.equal(await said('/data'), undefined)
  t.equal(await said('/page', 'POST'), undefined)
  t.equal(await said('/missing'), 'no-store')
})

test('a reason that nobody would find is a warning, once', async t => {
  const { get, lines, app } = await site(t, app => app.get('/', (_, reply) => html(reply).header('integrity-policy', 'blocked-destinations=(script)').send(PAGE)))
  app.log.level = 'info'
  for (let i = 0; i < 2; i++) t.equal((await get('/')).text, PAGE)
  t.match(lines.filter(({ level }) => level === 40), [{ msg: 'live reload leaves GET / alone: its Integrity-Policy blocks scripts that have no integrity' }])
  t.equal(lines.filter(({ level }) => level === 40).length, 1)
})
