import { pathToFileURL } from 'node:url'
import Fastify from 'fastify'
import { test } from 'tap'
import { clientHash, readClient, serveClient } from '../../lib/live/client.js'
import { folder } from '../support/folder.js'

type Teardown = Parameters<typeof folder>[0]

const CODE = '(()=>{window.__liveReload={}})()'
const MORE = 'export const createOverlay=()=>{}'

function read (t: Teardown, code = CODE, more = MORE) {
  const { path } = folder(t, { 'client.min.js': code, 'more.min.js': more, 'failures.min.js': more, 'console.min.js': code })
  return readClient(pathToFileURL(`${path}/`))
}

function start (t: Teardown) {
  const app = Fastify()
  t.teardown(() => app.close())
  const client = read(t)
  app.register(async scope => serveClient(scope, client), { prefix: '/__live' })
  return { app, client }
}

for (const [path, code] of [['/client.js', CODE], ['/more.js', MORE]] as const) {
  test(`${path}, whichever way it is asked for`, async t => {
    const { app, client: { hash, files } } = start(t)
    const always = { 'content-type': 'text/javascript; charset=utf-8', 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff', etag: `"${files[path]?.hash}"`, 'content-length': `${code.length}` }
    const cases: [query: string, cache: string][] = [
      ['', 'no-cache'], ['?v=', 'no-cache'], ['?v=other', 'no-cache'], [`?x=${hash}`, 'no-cache'], [`?v=${hash}&v=${hash}`, 'no-cache'],
      [`?v=${hash}`, 'public, max-age=31536000, immutable'], [`?v=${hash}&try=2`, 'public, max-age=31536000, immutable']
    ]
    for (const [query, cache] of cases) {
      const url = `/__live${path}${query}`
      t.match(await app.inject(url), { statusCode: 200, body: code, headers: { ...always, 'cache-control': cache } }, url)
      t.match(await app.inject({ url, method: 'HEAD' }), { statusCode: 200, body: '', headers: { ...always, 'cache-control': cache } }, `HEAD ${url}`)
    }
  })
}

test('a copy that is still right is not sent again', async t => {
  const { app, client: { files } } = start(t)
  const hash = files['/client.js']?.hash ?? ''
  const cases: [tag: string, status: number][] = [[`"${hash}"`, 304], [`W/"${hash}"`, 304], [`"a", "${hash}"`, 304], ['*', 304], ['"a"', 200], [hash, 200], ['', 200]]
  for (const [tag, status] of cases) {
    const answer = await app.inject({ url: '/__live/client.js', headers: { 'if-none-match': tag } })
    t.equal(answer.statusCode, status, tag)
    t.equal(answer.headers.etag, `"${hash}"`)
    if (status === 304) t.equal(answer.body, '')
  }
})

test('the name of the content: of all files, because one names the others', async t => {
  t.equal(read(t).hash, read(t).hash)
  t.not(read(t).hash, read(t, 'other').hash)
  t.not(read(t).hash, read(t, CODE, 'other').hash)
  t.match(read(t).hash, /^[\w-]{16}$/)
})

test('a bundle that was never built is said at once', async t => {
  const { path } = folder(t)
  t.throws(() => readClient(pathToFileURL(`${path}/`)), { code: 'FST_LIVE_RELOAD_NO_CLIENT', message: /npm run build/, cause: { code: 'ENOENT' } })
})

test('the one this package ships', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  serveClient(app)
  for (const path of ['client', 'more', 'failures', 'console']) t.match(await app.inject(`/${path}.js?v=${clientHash()}`), { statusCode: 200, headers: { 'cache-control': /immutable/ } })
})

test('a sandboxed frame of ours, which has no origin, may load the script', async t => {
  const { app } = start(t)
  const policyOf = async (headers: Record<string, string>, url = '/__live/client.js') => (await app.inject({ url, headers })).headers['cross-origin-resource-policy']
  const cases: [headers: Record<string, string>, policy: string][] = [
    [{ referer: 'http://localhost:80/' }, 'cross-origin'],
    [{ referer: 'https://localhost:80/page?x' }, 'cross-origin'],
    [{}, 'same-origin'],
    [{ referer: 'http://evil.test/http://localhost:80/' }, 'same-origin'],
    [{ referer: 'http://localhost:80@evil.test/' }, 'same-origin'],
    [{ referer: 'nonsense' }, 'same-origin']
  ]
  for (const [headers, policy] of cases) t.equal(await policyOf({ host: 'localhost:80', ...headers }), policy, JSON.stringify(headers))
  t.equal(await policyOf({ host: 'localhost:80', referer: 'http://localhost:80/' }, '/__live/console.js'), 'cross-origin', 'whichever of the two it is')
  t.equal(await policyOf({ host: 'localhost:80', referer: 'http://localhost:80/' }, '/__live/more.js'), 'same-origin', 'the script alone')
})
