import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { relative } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import { test } from 'tap'
import { parseOptions } from '../../lib/options/parse.js'
import { createChangeClassifier } from '../../lib/classify/classify.js'
import { folder } from '../support/folder.js'
import { serve } from './support.js'

const FILES = {
  'site/index.html': '<h1>home</h1>',
  'site/page.htm': '<p>page</p>',
  'site/style.css': 'body { color: red }',
  'site/data.json': '{"a":1}',
  'site/empty.html': '',
  'site/über uns/héllo wörld.html': 'unicode',
  'site/100%?#.html': 'odd',
  'site/a:b&c=d.css': 'colon',
  'site/docs/index.html': 'docs',
  'site/docs/more/x.css': 'x',
  'other/index.html': 'other',
  'other/main.html': 'main'
}
const HTML = { Accept: 'text/html,*/*' }

test('a prefix has the same name in Server-Timing and in a verdict', async t => {
  const { at } = folder(t, FILES)
  const options = { root: { path: at('site'), prefix: '/@own/' } }
  const site = await serve(t, options)
  const judge = createChangeClassifier(parseOptions({ enabled: true, ...options }), '', { compare: () => 'changed', isHidden: () => false, forget () {} })
  const verdict = judge([{ path: at('site/page.htm'), type: 'update', source: 'output' }])
  t.match(await site.get('/@own/page.htm'), { status: 200, text: '<p>page</p>', headers: { 'server-timing': 'file;desc="/%40own/page.htm"' } })
  t.ok(verdict.type === 'reload' && verdict.files?.includes('/%40own/page.htm'))
})

test('files, index files, names, prefixes', async t => {
  const { at } = folder(t, FILES)
  const site = await serve(t, { root: [at('site'), { path: at('other'), prefix: '/other' }, { path: at('other'), prefix: '/deep/er/', index: ['none.html', 'main.html'] }, { path: at('other'), prefix: '/bare', index: false }] })
  const cases: [target: string, text: string, type: string][] = [
    ['/', '<h1>home</h1>', 'text/html; charset=utf-8'],
    ['/?a=1', '<h1>home</h1>', 'text/html; charset=utf-8'],
    ['/index.html', '<h1>home</h1>', 'text/html; charset=utf-8'],
    ['/page.htm', '<p>page</p>', 'text/html; charset=utf-8'],
    ['/empty.html', '', 'text/html; charset=utf-8'],
    ['/style.css?v=../../x', 'body { color: red }', 'text/css; charset=utf-8'],
    ['/data.json', '{"a":1}', 'application/json; charset=utf-8'],
    ['/%C3%BCber%20uns/h%C3%A9llo%20w%C3%B6rld.html', 'unicode', 'text/html; charset=utf-8'],
    ['/100%25%3F%23.html', 'odd', 'text/html; charset=utf-8'],
    ['/a:b&c=d.css', 'colon', 'text/css; charset=utf-8'],
    ['/%73tyle.css', 'body { color: red }', 'text/css; charset=utf-8'],
    ['/docs/', 'docs', 'text/html; charset=utf-8'],
    ['/docs/more/x.css', 'x', 'text/css; charset=utf-8'],
    ['/other/', 'other', 'text/html; charset=utf-8'],
    ['/deep/er/', 'main', 'text/html; charset=utf-8']
  ]
  for (const [target, text, type] of cases) {
    const answer = await site.get(target)
    t.match(answer, { status: 200, text, headers: { 'content-type': type, 'content-length': `${answer.body.length}`, 'accept-ranges': 'bytes' } }, target)
    const head = await site.get(target, {}, 'HEAD')
    const { date: _, ...headers } = answer.headers
    t.match(head, { status: 200, text: '', headers }, `HEAD ${target}`)
  }
  for (const target of ['/nothing.html', '/nothing.css', '/other/nothing', '/docs/more/', '/index.html/x', '/%C3%BCber%20uns/']) {
    t.match(await site.get(target), { status: 404 }, target)
  }
  t.equal((await site.get('/bare/')).status, 403, 'index: false')
  t.match(await site.get('/docs?x=/y'), { status: 302, headers: { location: './docs/?x=/y' } }, 'a directory gets its slash')
  t.equal((await site.get('/', {}, 'POST')).status, 404)
})

test('the prefix of the scope it is registered in', async t => {
  const { at } = folder(t, FILES)
  const app = Fastify()
  t.teardown(() => app.close())
  const { serveRoots } = await import('../../lib/static/roots.js')
  app.register(async scope => {
    await serveRoots(scope, parseOptions({ root: { path: at('site'), prefix: '/site' } }), { hostGate: () => ({ ok: true }) })
  }, { prefix: '/tenant/:id' })
  t.match(await app.inject('/tenant/7/site/docs/more/x.css'), { statusCode: 200, body: 'x' })
  t.match(await app.inject('/tenant/7/site/'), { statusCode: 200, body: '<h1>home</h1>' })
  t.match(await app.inject('/tenant/7/'), { statusCode: 404 })
})

test('conditions and ranges, the same whichever way a file goes out', async t => {
  const { at } = folder(t, FILES)
  const site = await serve(t, { root: at('site') })
  for (const target of ['/', '/index.html', '/style.css']) {
    const { headers, body } = await site.get(target)
    const { etag = '', 'last-modified': modified = '' } = headers
    t.match(etag, /^W\/"/)
    t.match(await site.get(target, { 'If-None-Match': etag }), { status: 304, text: '', headers: { etag, 'last-modified': modified } }, `${target} by tag`)
    t.equal((await site.get(target, { 'If-Modified-Since': modified })).status, 304, `${target} by time`)
    t.equal((await site.get(target, { 'If-None-Match': '"other"', 'If-Modified-Since': modified })).status, 200, 'the tag wins')
    t.match(await site.get(target, { Range: 'bytes=1-3' }), { status: 206, body: body.subarray(1, 4), headers: { 'content-range': `bytes 1-3/${body.length}` } })
    t.equal((await site.get(target, { Range: 'bytes=1-3', 'If-Range': '"other"' })).status, 200)
    t.equal((await site.get(target, { 'If-Unmodified-Since': new Date(0).toUTCString() })).status, 412)
  }
})

test('a large page is streamed, not buffered', async t => {
  const { at, write } = folder(t)
  const size = 200 * 1024 * 1024
  write('site/large.html', Buffer.alloc(size, 'x'))
  const site = await serve(t, { root: at('site') })
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let most = 0
  let bytes = 0
  let next = size / 10
  await new Promise<void>((resolve, reject) => httpGet({ port: site.port, host: '127.0.0.1', path: '/large.html' }, answer => {
    const before = process.memoryUsage().arrayBuffers
    answer.on('data', chunk => {
      bytes += chunk.length
      if (bytes < next) return
      next += size / 10
      // What is in use, and not what nobody has collected yet.
      collect()
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }).on('end', resolve).on('error', reject)
  }).on('error', reject))
  t.equal(bytes, size)
  // V8 frees what it has collected in a thread of its own, some time later.
  t.ok(most < size / 2, `${most} bytes at most`)
})

test('options of @fastify/static are obeyed, and stay as they were', async t => {
  const { at } = folder(t, { ...FILES, 'site/about.html': 'about', 'site/doc.md': 'md', 'site/.hidden.html': 'hidden' })
  const cases: [options: Record<string, unknown>, target: string, expected: Record<string, unknown>, absent?: string[]][] = [
    [{}, '/', { status: 200 }, ['cache-control']],
    [{ etag: false }, '/', { status: 200, text: '<h1>home</h1>', headers: { 'last-modified': /GMT/ } }, ['etag']],
    [{ lastModified: false }, '/', { status: 200, headers: { etag: /W/ } }, ['last-modified']],
    [{ acceptRanges: false }, '/', { status: 200 }, ['accept-ranges']],
    [{ contentType: false }, '/', { status: 200 }, ['content-type']],
    [{ maxAge: 5000 }, '/', { headers: { 'cache-control': 'public, max-age=5' } }],
    [{ maxAge: '1h', immutable: true }, '/style.css', { headers: { 'cache-control': 'public, max-age=3600, immutable' } }],
    [{ cacheControl: true }, '/', { headers: { 'cache-control': 'public, max-age=0' } }],
    [{ extensions: ['md', 'html'] }, '/about', { status: 200, text: 'about', headers: { 'content-type': 'text/html; charset=utf-8' } }],
    [{ extensions: 'md' }, '/doc', { status: 200, text: 'md' }],
    [{ extensions: ['html'] }, '/nothing', { status: 404 }],
    [{ extensions: ['html'] }, '/about.md', { status: 404 }],
    [{ index: 'page.htm' }, '/', { text: '<p>page</p>' }],
    [{ redirect: false }, '/docs', { status: 200, text: 'docs' }],
    [{ redirect: true }, '/docs', { status: 302 }],
    [{ dotfiles: 'deny' }, '/.hidden.html', { status: 403 }],
    [{ dotfiles: 'allow' }, '/.hidden.html', { status: 200, text: 'hidden' }],
    [{ setHeaders: (reply: { header (k: string, v: string): void }, path: string, stat: { size: number }) => reply.header('x-file', `${path.slice(-10)} ${stat.size}`) }, '/', { headers: { 'x-file': 'index.html 13' } }],
    [{ setHeaders: (reply: { header (k: string, v: string): void }) => reply.header('x-file', 'yes') }, '/style.css', { headers: { 'x-file': 'yes' } }],
    [{ preCompressed: true }, '/', { status: 200, text: '<h1>home</h1>', headers: { vary: 'accept-encoding' } }],
    [{ preCompressed: true }, '/nothing.css', { status: 404 }],
    [{ constraints: { host: /^localhost/ }, logLevel: 'warn', schemaHide: false }, '/', { status: 200 }]
  ]
  for (const [options, target, expected, absent = []] of cases) {
    const root = Object.freeze({ path: at('site'), ...options })
    const before = { ...root }
    const site = await serve(t, { root })
    const answer = await site.get(target)
    t.match(answer, expected, `${JSON.stringify(options)} ${target}`)
    for (const header of absent) t.notOk(header in answer.headers, `${JSON.stringify(options)}: no ${header}`)
    t.same(root, before)
  }
  for (const options of [{ enabled: false }, { cacheControl: false } as const]) {
    const site = await serve(t, { root: at('site'), ...options })
    for (const target of ['/', '/style.css']) t.match(await site.get(target), { headers: { 'cache-control': 'public, max-age=0' } }, 'what @fastify/static says by itself')
  }
})

test('wrong options fail at once', async t => {
  const { at } = folder(t, FILES)
  const cases: [options: Record<string, unknown>, code: string][] = [
    [{ index: 5 }, 'FST_LIVE_RELOAD_INVALID_OPTION'], [{ index: [''] }, 'FST_LIVE_RELOAD_INVALID_OPTION'], [{ extensions: {} }, 'FST_LIVE_RELOAD_INVALID_OPTION'],
    [{ dotfiles: 'some' }, 'FST_LIVE_RELOAD_INVALID_OPTION'], [{ setHeaders: 'x' }, 'FST_LIVE_RELOAD_INVALID_OPTION'], [{ list: { format: 'html' } }, 'FST_STATIC_INVALID_OPTION']
  ]
  for (const [options, code] of cases) await t.rejects(serve(t, { root: { path: at('site'), ...options } as never }), { code }, JSON.stringify(options))
})

test('spa: navigations that match nothing get the page, assets stay 404', async t => {
  const { at, write } = folder(t, FILES)
  const site = await serve(t, { root: [{ path: at('site'), spa: true }, { path: at('other'), prefix: '/other', spa: 'main.html' }, { path: at('other'), prefix: '/wrong', spa: 'none.html' }, { path: at('site'), prefix: '/dir', spa: 'docs' }] })
  const cases: [target: string, headers: Record<string, string>, status: number, text?: string][] = [
    ['/users/7', { 'Sec-Fetch-Dest': 'document' }, 200, '<h1>home</h1>'], ['/users/7/', HTML, 200, '<h1>home</h1>'], ['/users/7?x', HTML, 200, '<h1>home</h1>'],
    ['/users/jo.doe', { 'Sec-Fetch-Dest': 'document' }, 200, '<h1>home</h1>'],
    ['/docs/', HTML, 200, 'docs'], ['/style.css', HTML, 200, 'body { color: red }'],
    ['/app.js', { 'Sec-Fetch-Dest': 'script' }, 404], ['/app.js', HTML, 404], ['/users/7', { 'Sec-Fetch-Dest': 'empty', ...HTML }, 404], ['/users/7', { Accept: '*/*' }, 404], ['/users/7', {}, 404],
    ['/.env', HTML, 404], ['/a//b', HTML, 403], ['/server.key', HTML, 403],
    ['/users/a%2Fb', HTML, 200, '<h1>home</h1>'], ['/docs%2Findex.html', HTML, 404],
    ['/other/x/y', HTML, 200, 'main'], ['/wrong/x', HTML, 404], ['/dir/x', HTML, 404]
  ]
  for (const [target, headers, status, text] of cases) {
    const answer = await site.get(target, headers)
    t.equal(answer.status, status, `${target} ${JSON.stringify(headers)}`)
    if (text !== undefined) t.equal(answer.text, text)
  }
  write('site/index.html', '<h1>next</h1>')
  t.equal((await site.get('/users/7', HTML)).text, '<h1>next</h1>')
})

test('list: directories without an index file', async t => {
  const { at } = folder(t, { 'site/<b>&"x\'.txt': '', 'site/sub dir/a.css': '', 'site/.env': '', 'site/server.key': '', 'site/ü?.txt': 'ü', 'site/with/index.html': 'index' })
  const site = await serve(t, { root: [{ path: at('site'), list: true }, { path: at('site'), prefix: '/json', list: { format: 'json', names: [] } }] })
  const { status, text, headers } = await site.get('/')
  t.match({ status, headers }, { status: 200, headers: { 'content-type': /^text\/html/ } })
  t.match(text, '<meta charset="utf-8">')
  t.match(text, '<a href="./sub%20dir/">sub dir/</a>')
  t.match(text, '&lt;b&gt;&amp;&quot;x&#39;.txt</a>')
  t.match(text, '<a href="./%C3%BC%3F.txt">ü?.txt</a>')
  t.notMatch(text, /\.env|server\.key/, 'what would be refused is not shown')
  t.match(await site.get('/sub%20dir/'), { status: 200, text: 'a.css' })
  t.match(await site.get('/sub%20dir'), { status: 302 })
  t.match(await site.get('/with/'), { status: 200, text: 'index' })
  t.match(await site.get('/nothing/'), { status: 404 })
  t.same(JSON.parse((await site.get('/json/sub%20dir/')).text), { dirs: [], files: ['a.css'] })
})

test('roots of one prefix: in their order, each by its own gate, with the same options for @fastify/static', async t => {
  const { at } = folder(t, { 'open/.env': 'opened', 'open/a.css': 'first', 'shut/.secret': 'no', 'shut/.secret.css': 'no', 'shut/a.css': 'second', 'shut/b.css': 'second', 'outside.html': 'outside' })
  symlinkSync(at('outside.html'), at('shut/link.html'))
  const roots = [{ path: at('open'), dotfiles: 'allow' }, { path: at('shut') }] as const
  for (const reversed of [false, true]) {
    const site = await serve(t, { root: reversed ? roots.toReversed() : roots })
    t.match(await site.get('/.env'), { status: 200, text: 'opened' })
    t.match(await site.get('/a.css'), { text: reversed ? 'second' : 'first' })
    t.match(await site.get('/b.css'), { text: 'second' })
    for (const target of ['/.secret', '/.secret.css']) t.equal((await site.get(target)).status, 404, 'what one root allows is not allowed in another')
  }
  const linked = await serve(t, { root: [{ path: at(''), followSymlinks: true, index: false }, { path: at('shut'), followSymlinks: false, index: false }] })
  t.match(await linked.get('/shut/link.html'), { status: 200, text: 'outside' })
  t.match(await linked.get('/link.html'), { status: 403 })
  for (const [name, value] of [['extensions', ['html']], ['setHeaders', () => {}], ['etag', false]] as const) {
    await t.rejects(serve(t, { root: [{ path: at('open') }, { path: at('shut'), [name]: value }] as never }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: new RegExp(`root.${name}.*the same for every root at /,`) }, `${name} differs`)
  }
  const hosts = await serve(t, { root: [{ path: at('open'), constraints: { host: 'open.test' } }, { path: at('shut') }] })
  t.match(await hosts.get('/a.css', { Host: 'open.test' }), { text: 'first' })
  t.match(await hosts.get('/a.css'), { text: 'second' })
})

test('what is missing is left to the app', async t => {
  const { at } = folder(t, FILES)
  const site = await serve(t, { root: at('site') }, { after: app => app.setNotFoundHandler((_request, reply) => reply.code(404).send('ours alone')) })
  for (const target of ['/nothing', '/.env']) t.match(await site.get(target), { status: 404, text: 'ours alone' }, target)
})

test('a root that appears, goes and comes back', async t => {
  const { at, write } = folder(t)
  const site = await serve(t, { root: { path: at('later'), list: true } })
  for (const target of ['/', '/index.html', '/a.css']) t.equal((await site.get(target)).status, 404, target)
  const answers = async (text: string) => {
    t.match(await site.get('/'), { status: 200, text })
    t.match(await site.get('/a.css'), { status: 200, text })
  }
  for (const name of ['index.html', 'a.css']) write(`later/${name}`, 'one')
  await answers('one')
  rmSync(at('later'), { recursive: true })
  t.equal((await site.get('/')).status, 404)
  t.equal((await site.get('/a.css')).status, 404)
  mkdirSync(at('later'))
  for (const name of ['index.html', 'a.css']) write(`later/${name}`, 'two')
  await answers('two')
})

test('a root that is a link follows where it points now', { skip: process.platform === 'win32' && 'links need rights on Windows' }, async t => {
  const { at } = folder(t, { 'v1/index.html': 'one', 'v1/a.css': 'one', 'v2/index.html': 'two', 'v2/a.css': 'two' })
  symlinkSync(at('v1'), at('current'))
  const site = await serve(t, { root: at('current') })
  for (const target of ['/', '/a.css']) t.equal((await site.get(target)).text, 'one')
  symlinkSync(at('v2'), at('fresh'))
  renameSync(at('fresh'), at('current'))
  for (const target of ['/', '/a.css']) t.equal((await site.get(target)).text, 'two')
})

const own = async (app: FastifyInstance, root: string) => {
  await app.register(fastifyStatic, { root, prefix: '/own' })
  app.get('/send', (_request, reply) => reply.sendFile('main.html'))
}

for (const order of ['before', 'after'] as const) {
  test(`the app's own @fastify/static, registered ${order}`, async t => {
    const { at } = folder(t, FILES)
    const site = await serve(t, { root: at('site') }, { [order]: (app: FastifyInstance) => own(app, at('other')) })
    t.match(await site.get('/'), { status: 200, text: '<h1>home</h1>' })
    t.match(await site.get('/style.css'), { status: 200, text: /red/ })
    t.match(await site.get('/own/main.html'), { status: 200, text: 'main' })
    t.match(await site.get('/send'), { status: 200, text: 'main' }, 'reply.sendFile is still the one of the app')
  })

  test(`a route in our place, registered ${order}`, async t => {
    const { at } = folder(t, FILES)
    const takers: [name: string, take: (app: FastifyInstance) => unknown][] = [
      ['a wildcard', app => app.get('/*', () => 'mine')],
      ['a wildcard without a slash', app => app.get('*', () => 'mine')],
      ['@fastify/static at /', app => app.register(fastifyStatic, { root: at('other') })],
      ['a wildcard for HEAD', app => app.head('/*', () => 'mine')]
    ]
    for (const [name, take] of takers) {
      await t.rejects(serve(t, { root: at('site'), watch: at('views') }, { [order]: take }), { code: 'FST_LIVE_RELOAD_DUPLICATE', message: /`watch: \['.*site', '.*views'\]` instead of `root`/ }, name)
    }
    const site = await serve(t, { root: at('site') }, {
      [order]: (app: FastifyInstance) => {
        app.post('/*', async () => 'posted')
        app.get('/docs', async () => 'mine')
        app.get('/:name', async () => 'named')
        app.get('/*', { constraints: { host: 'other.test' } }, async () => 'other')
      }
    })
    const narrow = await serve(t, { root: { path: at('site'), constraints: { host: 'docs.test' } } }, { [order]: (app: FastifyInstance) => app.get('/*', async () => 'mine') })
    t.match(await narrow.get('/'), { text: 'mine' })
    t.match(await narrow.get('/', { Host: 'docs.test' }), { text: '<h1>home</h1>' }, 'a root for one host leaves room for others')
    t.match(await site.get('/', {}, 'POST'), { text: 'posted' })
    t.match(await site.get('/docs'), { text: 'mine' }, 'routes of the app come first')
    t.match(await site.get('/docs/'), { text: 'docs' })
    t.match(await site.get('/x/y', { Host: 'other.test' }), { text: 'other' })
  })
}

test('errors of other kinds are passed on', async t => {
  const { at } = folder(t, FILES)
  await t.rejects(serve(t, { root: { path: at('site'), constraints: { nothing: 1 } } as never }), /nothing/)
  const site = await serve(t, { root: { path: at('site'), setHeaders: (_reply: unknown, path: string) => { if (path.endsWith('.html')) throw new Error('of the app') } } })
  t.match(await site.get('/'), { status: 500, text: 'of the app' })
  // The stream that nobody reads has opened its file before the folder goes.
  t.equal((await site.get('/style.css')).status, 200)
})

test('a client that leaves in the middle does no harm', async t => {
  const { at, write } = folder(t)
  write('site/large.css', randomBytes(8_000_000))
  const site = await serve(t, { root: at('site') })
  for (let i = 0; i < 20; i++) {
    await new Promise<void>((resolve, reject) => {
      const asked = httpGet({ port: site.port, host: '127.0.0.1', path: '/large.css' }, answer => answer.once('data', () => {
        asked.destroy()
        resolve()
      }).on('error', () => {})).on('error', reject)
    })
  }
  t.equal((await site.get('/large.css')).body.length, 8_000_000)
})

test('served: every file that is sent, without its stat when a compressed copy is', async t => {
  const { at, path } = folder(t, { ...FILES, 'packed/lone.json.gz': 'x', 'packed/both.json': '12345', 'packed/both.json.gz': 'x' })
  const calls: string[] = []
  const site = await serve(t, { root: [{ path: at('site'), spa: true }, { path: at('packed'), prefix: '/packed', preCompressed: true }] }, {
    served: (file, stat, dest) => { calls.push(`${relative(path, file)} ${stat?.size} ${String(dest)}`) }
  })
  const gzip = { 'Accept-Encoding': 'gzip' }
  const cases: [target: string, call: string, headers?: Record<string, string>][] = [
    ['/', 'site/index.html 13 undefined'],
    ['/somewhere', 'site/index.html 13 undefined', HTML],
    ['/page.htm', 'site/page.htm 11 iframe', { 'Sec-Fetch-Dest': 'iframe' }],
    ['/page.htm', 'site/page.htm 11 undefined', { 'If-None-Match': '"x"' }],
    ['/data.json', 'site/data.json 7 undefined'],
    ['/packed/both.json', 'packed/both.json 5 undefined'],
    ['/packed/both.json', 'packed/both.json undefined undefined', gzip],
    ['/packed/lone.json', 'packed/lone.json undefined undefined', gzip],
    ['/nothing.css', '']
  ]
  for (const [target, call, headers] of cases) {
    calls.length = 0
    await site.get(target, headers)
    t.equal(calls.join(), call, target)
  }
})
