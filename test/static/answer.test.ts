// What happens when the disk fails after it was looked at.
import { createReadStream, renameSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'
import { test } from 'tap'
import { createAnswer } from '../../lib/static/answer.js'
import type { PageCache } from '../../lib/static/page-cache.js'
import { createPlace, type ServedRoot } from '../../lib/static/static-root.js'
import { sendChecked, type Watchman } from '../../lib/static/send-verified.js'
import { folder } from '../support/folder.js'
import { serve } from './support.js'

const cases: [code: string, status: number][] = [['ENOENT', 404], ['EACCES', 403], ['EIO', 500]]

test('a page that cannot be read any more', async t => {
  const { path } = folder(t, { 'index.html': 'x' })
  const root: ServedRoot = { path, prefix: '/', followSymlinks: false, dotfiles: 'ignore', index: ['index.html'], extensions: [], redirect: true, listed: false, spa: false, inMemory: true, cacheControl: undefined, preCompressed: false, told: undefined, sendFile: () => {}, setHeaders: undefined }
  for (const [code, status] of cases) {
    const app = Fastify()
    const broken: PageCache = { hit: () => undefined, load: async () => { throw Object.assign(new Error(code), { code }) }, stable: () => false }
    app.get('/*', createAnswer([createPlace(root, broken)], 'ignore', { hostGate: () => ({ ok: true }) }, () => false))
    t.equal((await app.inject('/')).statusCode, status, code)
    await app.close()
  }
})

test('a stream is let go only when the open file passed', async t => {
  const { at, path } = folder(t, { 'site/a.css': 'fine', 'elsewhere.txt': 'not ours' })
  const ask = async (file: string | undefined, watchman: Partial<Watchman> = {}) => {
    const app = Fastify()
    t.teardown(() => app.close())
    app.get('/', (_request, reply) => {
      sendChecked(reply, () => reply.header('etag', '"x"').header('x-app', 'kept').send(file === undefined ? 'text' : createReadStream(file)), {
        root: at('site'),
        check: async () => {},
        fail: error => reply.code(418).send(String(error)),
        ...watchman
      })
    })
    return app.inject('/')
  }
  const judged: string[][] = []
  t.match(await ask(at('site/a.css'), { check: async names => { judged.push([...names]) } }), { statusCode: 200, body: 'fine', headers: { etag: '"x"' } })
  t.same(judged, [['a.css']])
  const refused = await ask(at('site/a.css'), { check: async () => { throw new Error('no') } })
  t.match(refused, { statusCode: 418, body: 'Error: no', headers: { 'x-app': 'kept' } })
  t.notOk(refused.headers.etag)
  t.match(await ask(at('site/gone.css')), { statusCode: 418, body: /ENOENT/ })
  const never = async () => { throw new Error('not to be asked') }
  t.match(await ask(at('elsewhere.txt'), { check: never }), { statusCode: 200, body: 'not ours' })
  t.match(await ask(path, { root: at('site'), check: never }), { statusCode: 500 }, 'a directory above')
  t.match(await ask(undefined, { check: never }), { statusCode: 200, body: 'text' })
})

test('a file that is replaced while it is opened is sent as one of the two', async t => {
  const { path, at, write } = folder(t)
  const contents = ['old', 'a newer one', 'the newest of all', '4', '55', '666666']
  for (const [replaced, range, status, body] of [
    [0, undefined, 200, 'old'],
    [1, undefined, 200, 'a newer one'],
    [2, undefined, 200, 'the newest of all'],
    [2, 'bytes=0-2', 206, 'the'],
    [3, undefined, 200, '4'],
    // After five tries it goes out as it comes: with the length of the one before.
    [5, undefined, 200, '66']
  ] as const) {
    let tries = 0
    let sets = 0
    write('a.css', 'old')
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyStatic, { root: path, serve: false, setHeaders: () => { sets++ } })
    app.get('/', (_request, reply) => {
      sendChecked(reply, () => {
        const { send: checked } = reply
        reply.send = ((payload: unknown) => {
          // The headers are made, the file is not open yet.
          if (++tries <= replaced) {
            write('new.css', contents[tries] as string)
            renameSync(at('new.css'), at('a.css'))
          }
          reply.send = checked
          return reply.send(payload)
        }) as typeof checked
        reply.sendFile('a.css')
      }, { root: path, check: async () => {}, fail: error => reply.code(418).send(String(error)) })
    })
    const answer = await app.inject({ url: '/', headers: range === undefined ? {} : { range } })
    t.match(answer, { statusCode: status, body, headers: { 'content-type': /css/, 'content-length': String(body.length), etag: /W/ } }, `${replaced} times`)
    t.equal(sets, Math.min(replaced + 1, 5))
  }
})

test('the page an app sends for 404 is its own, wherever it lies', async t => {
  const { at } = folder(t, { 'site/a.css': 'x', 'pages/404.txt': 'lost' })
  const site = await serve(t, { root: { path: at('site'), preCompressed: true } }, {
    after: async app => {
      await app.register(fastifyStatic, { root: at('pages'), serve: false })
      app.setNotFoundHandler((_request, reply) => reply.code(404).sendFile('404.txt'))
    }
  })
  for (const target of ['/nothing.css', '/nothing/', '/.env']) t.match(await site.get(target), { status: 404, text: 'lost' }, target)
})

test('a person who asks before the first build has ended waits for it, an asset does not', async t => {
  const { at, write } = folder(t, { 'site/a.css': 'x' })
  let asked = 0
  const built = async () => {
    if (++asked > 1) return false
    write('site/page.html', '<h1>built</h1>')
    return true
  }
  const site = await serve(t, { root: at('site') }, { built })
  t.equal((await site.get('/page.css')).status, 404)
  t.equal(asked, 0)
  t.match(await site.get('/page.html', { 'Sec-Fetch-Dest': 'document' }), { status: 200, text: '<h1>built</h1>' })
  t.equal((await site.get('/never.html', { 'Sec-Fetch-Dest': 'document' })).status, 404)
  t.equal(asked, 2)
})

test('several roots under one prefix: the first that has the file', async t => {
  const { at } = folder(t, { 'a/index.html': 'a', 'a/only-a.css': 'a', 'b/index.html': 'b', 'b/only-b.css': 'b', 'b/sub/index.html': 'b sub', 'c/app.html': 'c app' })
  const site = await serve(t, { root: [at('a'), { path: at('b') }, { path: at('c'), spa: 'app.html' }] })
  const document = { 'Sec-Fetch-Dest': 'document' }
  for (const [target, text] of [['/', 'a'], ['/only-a.css', 'a'], ['/only-b.css', 'b'], ['/sub/', 'b sub'], ['/app.html', 'c app'], ['/some/route', 'c app']] as const) {
    t.match(await site.get(target, document), { status: 200, text }, target)
  }
  t.equal((await site.get('/missing.css')).status, 404)
})
