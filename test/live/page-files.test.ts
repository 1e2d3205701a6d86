// `reply.liveReload.uses(path)`: what a page says it was made from, and which changes then concern it.
import { writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { test, type Test } from 'tap'
import { PageFiles } from '../../lib/live/page-files.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { startApp, type Tab } from '../support/app.js'
import { folder } from '../support/folder.js'
import { NAVIGATION } from '../support/http.js'
import { PAGE } from '../support/page.js'
import { until } from '../support/wait.js'

const html = (reply: FastifyReply) => reply.type('text/html').send(PAGE)
const nameIn = (headers: Record<string, unknown>) => /file;desc="([^"]*)"/.exec(String(headers['server-timing']))?.[1]

async function start (t: Test, routes: (app: FastifyInstance, at: (name: string) => string) => void, options: LiveReloadOptions = {}) {
  const { at, write } = folder(t, { 'views/a.ejs': '1', 'views/b.ejs': '1', 'views/shared.ejs': '1', 'views/other.ejs': '1' })
  const started = await startApp(t, { watch: at('views'), ...options }, { after: app => routes(app, at) })
  const open = async (path: string, headers: Record<string, string> = NAVIGATION) => (await started.request(path, { headers })).headers
  const filesOf = (tab: Tab, n: number) => until(() => tab.got.flatMap(message => message.type === 'reload' ? [message] : [])[n - 1], `reload ${n}`).then(({ files }) => files)
  return { ...started, at, write, open, filesOf }
}

test('a change of a file that pages name concerns those pages, any other change concerns all', async t => {
  const { open, filesOf, tab, write, at } = await start(t, (app, at) => {
    app.get('/a', (_, reply) => {
      reply.liveReload.uses(at('views/a.ejs'), pathToFileURL(at('views/shared.ejs')))
      return html(reply)
    })
    app.register(async scope => {
      scope.get('/b', (_, reply) => {
        reply.liveReload.uses(at('views/b.ejs'))
        reply.liveReload.uses(at('views/shared.ejs'))
        return html(reply)
      })
    })
    app.get('/silent', (_, reply) => html(reply))
  })
  const [a, b, silent] = [nameIn(await open('/a')), nameIn(await open('/b')), nameIn(await open('/silent'))]
  t.match(a, /^made-of-[\w-]{12}$/)
  t.match(b, /^made-of-/)
  t.not(a, b)
  t.equal(silent, undefined)
  const one = await tab()
  write('views/a.ejs', '22')
  t.same(await filesOf(one, 1), [a])
  t.equal(nameIn(await open('/a')), a, 'the same files, the same name')
  write('views/shared.ejs', '22')
  t.same(await filesOf(one, 2), [a, b])
  write('views/other.ejs', '22')
  t.equal(await filesOf(one, 3), undefined, 'no page has named it')
  writeFileSync(at('views/b.ejs'), '22')
  t.same(await filesOf(one, 4), [b])
})

test('a page that a change has overtaken has no name', async t => {
  const { open, filesOf, tab, write, app } = await start(t, (app, at) => {
    app.get('/a', async (_, reply) => {
      reply.liveReload.uses(at('views/a.ejs'))
      const changed = new Promise<void>(resolve => { const undo = app.liveReload.on('send', () => { undo(); resolve() }) })
      writeFileSync(at('views/a.ejs'), `${Math.random()}`)
      await changed
      return html(reply)
    })
    app.get('/calm', (_, reply) => {
      reply.liveReload.uses(at('views/a.ejs'))
      return html(reply)
    })
  })
  t.equal(nameIn(await open('/a')), undefined)
  t.ok(nameIn(await open('/calm')))
  const one = await tab()
  write('views/a.ejs', '4444')
  t.equal((await filesOf(one, 1))?.length, 1)
  t.equal(app.liveReload.enabled, true)
})

test('what a stream uses late concerns its page, too', async t => {
  const { open, filesOf, tab, write } = await start(t, (app, at) => {
    app.get('/a', (_, reply) => {
      reply.liveReload.uses(at('views/a.ejs'))
      async function * parts () {
        yield PAGE
        reply.liveReload.uses(at('views/b.ejs'))
        yield '<p>late'
      }
      return reply.type('text/html').send(Readable.from(parts()))
    })
  })
  const name = nameIn(await open('/a'))
  const one = await tab()
  write('views/b.ejs', '22')
  t.same(await filesOf(one, 1), [name])
})

test('where a page has no name', async t => {
  const routes = (app: FastifyInstance, at: (name: string) => string) => {
    app.get('/a', { config: { liveReload: false } }, (_, reply) => {
      reply.liveReload.uses(at('views/a.ejs'))
      return html(reply)
    })
    app.get('/b', (_, reply) => {
      reply.liveReload.uses(at('views/a.ejs'))
      return html(reply.header('server-timing', 'db;dur=1, file;desc="/a.html"'))
    })
    app.get('/part', (_, reply) => {
      reply.liveReload.uses(at('views/a.ejs'))
      return reply.send({ part: 1 })
    })
    app.get('/none', (_, reply) => {
      reply.liveReload.uses()
      return html(reply)
    })
  }
  const { open } = await start(t, routes)
  t.equal(nameIn(await open('/a')), undefined, 'its route is left alone')
  t.equal(nameIn(await open('/none')), undefined, 'it names nothing')
  t.match((await open('/b'))['server-timing'], /^db;dur=1, file;desc="made-of-[\w-]+", page;desc="\/b"$/, 'in place of a file of a root')
  t.match(nameIn(await open('/part', {})), /^made-of-/, 'what a script fetches has one')
  t.equal((await open('/part', { 'sec-fetch-dest': 'iframe' }))['server-timing'], undefined, 'what is read in a frame stays there')
  const all = await start(t, routes, { client: { scope: 'all' } })
  t.equal(nameIn(await all.open('/b')), undefined, "scope: 'all'")
})

test('no more pages have names than a message may list', async t => {
  const app = Fastify()
  const files = new PageFiles(app, '/', 2)
  const names: (string | undefined)[] = []
  app.get('/:file', (request, reply) => {
    reply.liveReload.uses((request.params as { file: string }).file)
    names.push(files.nameOf(reply))
    return 'x'
  })
  for (const file of ['a', 'b', 'c', 'a']) await app.inject(`/${file}`)
  t.same(names.map(name => typeof name), ['string', 'string', 'undefined', 'string'])
  t.equal(names[0], names[3])
  t.same([files.of('/a'), files.of('/c'), files.all()], [[names[0]], undefined, names.slice(0, 2)])
})

test('a path that is none is refused, and without the plugin nothing happens', async t => {
  const { request } = await start(t, app => {
    app.get('/number', (_, reply) => { reply.liveReload.uses(1 as unknown as string) })
    app.get('/url', (_, reply) => { reply.liveReload.uses(new URL('http://a.test/')) })
    app.get('/empty', (_, reply) => { reply.liveReload.uses('') })
  }, { errorPages: false })
  for (const path of ['/number', '/url', '/empty']) {
    t.match(await request(path), { status: 500, text: /FST_LIVE_RELOAD_INVALID_OPTION.*uses\(path\).*a path or a file: URL/ }, path)
  }
  const off = await startApp(t, { enabled: false }, {
    after: app => {
      app.get('/a', (_, reply) => {
        reply.liveReload.uses('a')
        return html(reply)
      })
    }
  })
  const answer = await off.request('/a', { headers: NAVIGATION })
  t.equal(answer.status, 200)
  t.equal(answer.headers['server-timing'], undefined)
})

test('only what a page may be made from lets it say that nothing changed', async t => {
  const { request, tab, write } = await start(t, app => {
    app.get('/', (_, reply) => reply.type('text/html').send(PAGE))
  })
  const remark = async () => /data-remark="([^"]*)"/.exec((await request('/', { headers: NAVIGATION })).text)?.[1]
  const one = await tab()
  const reloads = (n: number) => until(() => one.got.filter(({ type }) => type === 'reload').length === n, `reload ${n}`)
  t.equal(await remark(), undefined)
  write('views/page.js', '22')
  await reloads(1)
  t.equal(await remark(), undefined, 'the page loads scripts by itself')
  write('views/a.ejs', '22')
  await reloads(2)
  t.equal(await remark(), ' (nothing changed: a template cache?)')
})
