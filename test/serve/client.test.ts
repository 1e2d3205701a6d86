import { pathToFileURL } from 'node:url'
import Fastify from 'fastify'
import { test } from 'tap'
import { clientHash, readBundle, serveClient } from '../../lib/serve/client.js'
import { folder } from '../support/folder.js'

const CODE = '(()=>{window.__liveReload={}})()'

function bundle (t: Parameters<typeof folder>[0], code = CODE) {
  return readBundle(pathToFileURL(folder(t).write('client.min.js', code)))
}

function start (t: Parameters<typeof folder>[0]) {
  const app = Fastify()
  t.teardown(() => app.close())
  const client = bundle(t)
  app.register(async scope => serveClient(scope, client), { prefix: '/__live' })
  return { app, hash: client.hash }
}

test('the script, whichever way it is asked for', async t => {
  const { app, hash } = start(t)
  const always = { 'content-type': 'text/javascript; charset=utf-8', 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff', etag: `"${hash}"`, 'content-length': `${CODE.length}` }
  const cases: [query: string, cache: string][] = [
    ['', 'no-cache'], ['?v=', 'no-cache'], ['?v=other', 'no-cache'], [`?x=${hash}`, 'no-cache'], [`?v=${hash}&v=${hash}`, 'no-cache'], [`?v=${hash}`, 'public, max-age=31536000, immutable']
  ]
  for (const [query, cache] of cases) {
    const url = `/__live/client.js${query}`
    t.match(await app.inject(url), { statusCode: 200, body: CODE, headers: { ...always, 'cache-control': cache } }, url)
    t.match(await app.inject({ url, method: 'HEAD' }), { statusCode: 200, body: '', headers: { ...always, 'cache-control': cache } }, `HEAD ${url}`)
  }
})

test('a copy that is still right is not sent again', async t => {
  const { app, hash } = start(t)
  const cases: [tag: string, status: number][] = [[`"${hash}"`, 304], [`W/"${hash}"`, 304], [`"a", "${hash}"`, 304], ['*', 304], ['"a"', 200], [hash, 200], ['', 200]]
  for (const [tag, status] of cases) {
    const answer = await app.inject({ url: '/__live/client.js', headers: { 'if-none-match': tag } })
    t.equal(answer.statusCode, status, tag)
    t.equal(answer.headers.etag, `"${hash}"`)
    if (status === 304) t.equal(answer.body, '')
  }
})

test('the name of the content', async t => {
  t.equal(bundle(t).hash, bundle(t).hash)
  t.not(bundle(t).hash, bundle(t, 'other').hash)
  t.match(bundle(t).hash, /^[\w-]{16}$/)
})

test('a bundle that was never built is said at once', async t => {
  const url = pathToFileURL(folder(t).at('client.min.js'))
  t.throws(() => readBundle(url), { code: 'FST_LIVE_RELOAD_NO_CLIENT', message: /npm run build/, cause: { code: 'ENOENT' } })
})

test('the one this package ships', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  serveClient(app)
  t.match(await app.inject(`/client.js?v=${clientHash()}`), { statusCode: 200, headers: { 'cache-control': /immutable/ } })
})
