// Before a page goes its address is asked for, in real Chromium: only a page is gone to, whatever the policy, and nothing is violated.
import { test } from 'tap'
import type { ChangeMessage } from '../../types/message.js'
import { until } from '../support/wait.js'
import { missesIn } from './coverage.js'
import { type FakeServer, fakeServer, type Reply } from './fake-server.js'
import { openScene, type Scene } from './island.js'
import { openTab, settle, type Tab } from './tab.js'

const JSON_REPLY: Reply = { headers: { 'content-type': 'application/json' }, body: '{}' }
const TAG = '<!doctype html><html><head>TAG</head><body>x</body></html>'
/** No question takes too long. */
const UNHURRIED = 'AbortSignal.timeout = () => new AbortController().signal'
const said = (tab: Tab, text: string) => until(() => tab.log.some(line => line.includes(text)), `the console says ${text}`)
const shown = (tab: Tab, seq: number) => until(() => tab.ask('live?.seq').then(value => value === seq, () => false), `the page shows ${seq}`)
const asked = (server: FakeServer, count: number) => until(() => server.probes.length >= count, `asked ${count} times`)

async function scene (t: Parameters<typeof fakeServer>[0], answer: FakeServer['answer'] = () => ({})): Promise<Scene & { server: FakeServer }> {
  const server = await fakeServer(t)
  server.hello.badge = { position: 'top-left' }
  server.answer = answer
  return { server, ...await openScene(t, server) }
}

test('asking', { jobs: 4 }, async t => {
  t.test('a page that answers is gone to: asked once', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server, '/a%20b?c=d&e=%26#f')
    server.change()
    await tab.shows(2)
    t.same(server.probes, ['GET /a%20b?c=d&e=%26'])
    t.same(server.loads, ['GET /a%20b?c=d&e=%26', 'GET /a%20b?c=d&e=%26'])
    await settle(server, tab)
    t.same(tab.errors, [])
  })

  t.test('a prefix that only a proxy knows', async t => {
    const server = await fakeServer(t)
    server.answer = ({ url }) => url === '/docs/a?b' ? { headers: { 'server-timing': 'page;desc="/a"' } } : { status: url === '/docs/c?d' ? 204 : 200 }
    const tab = await openTab(t, server, '/docs/a?b')
    await tab.page.evaluate('history.pushState(null, "", "/docs/c?d")')
    server.change()
    await until(() => server.loads.length === 2, 'gone to')
    t.same(server.probes, ['GET /c?d'])
  })

  t.test('it is cut off once, and only where it is', async t => {
    for (const [told, url, base] of [['page;desc="/docs/a"', '/docs/a', null], ['page;desc="/b"', '/docs/docs/a', '/__live/'], ['', '/docs/docs/a', '/__live/']] as const) {
      const server = await fakeServer(t)
      server.answer = ({ headers }) => headers['sec-fetch-mode'] === 'navigate' ? { headers: { 'server-timing': told } } : { status: 500 }
      const tab = await openTab(t, server, '/docs/docs/a')
      const wanted: URLSearchParams[] = []
      tab.page.on('request', request => { if (request.url().includes('/__live/page')) wanted.push(new URL(request.url()).searchParams) })
      server.change()
      await asked(server, 1)
      await said(tab, 'answers 500')
      await tab.page.evaluate('history.pushState(null, "", "/docsx?y")')
      server.change()
      await asked(server, 2)
      await until(() => wanted.length === 2, 'asked twice')
      t.same(wanted.map(query => [query.get('url'), query.get('base'), query.get('token')]), [[url, base, 'secret'], ['/docsx?y', base, 'secret']], told)
      await tab.snapshot()
    }
  })

  for (const [name, reply, why] of [
    ['500', { status: 500 }, 'answers 500'],
    ['404', { status: 404 }, 'answers 404'],
    ['JSON', JSON_REPLY, 'answers no HTML'],
    ['nothing', { status: 204, headers: { 'content-type': '' } }, 'answers no HTML']
  ] as const) {
    t.test(`${name}: the page stays, the badge says why, the next change is a reload`, async t => {
      const { server, tab, badge } = await scene(t)
      server.answer = () => reply
      server.change()
      await badge.shows('note', `Not reloaded: the page ${why}`)
      await said(tab, `[live-reload] Not reloaded: the page ${why}`)
      server.change()
      await asked(server, 2)
      t.equal(server.loads.length, 1)
      await tab.snapshot()
      server.answer = () => ({})
      server.seq++
      server.send({ type: 'update', seq: server.seq, updates: [{ kind: 'css', path: '/nothing.css' }] })
      await tab.shows(server.seq)
      t.equal(server.probes.length, 3, 'asked once for each change')
      t.equal(server.loads.length, 2)
      t.equal(tab.log.filter(line => line.includes('Not reloaded')).length, 1, 'said once')
    })
  }

  t.test('a click on the badge goes to whatever there is', async t => {
    const { server, badge, tab } = await scene(t)
    server.answer = () => ({ status: 500, body: TAG })
    server.change()
    await badge.shows('note', 'answers 500')
    t.match(await badge.ask('find(".pill").title'), /^Go there/)
    await badge.click('.pill')
    await tab.shows(2)
    t.equal(server.loads.length, 2)
    // An error page goes to whatever page there is.
    server.answer = () => ({ status: 404, body: TAG })
    server.change()
    await tab.shows(3)
    t.equal(server.loads.length, 3)
  })

  for (const status of [502, 503, 504]) {
    t.test(`${status}: what stands behind the app comes back by itself`, async t => {
      const { server, tab, badge } = await scene(t)
      server.answer = () => ({ status })
      server.change()
      await badge.shows('waiting', `Not reloaded: the page answers ${status}`)
      await asked(server, 3)
      t.equal(server.loads.length, 1)
      await tab.snapshot()
      server.answer = () => ({})
      await tab.shows(2)
      t.equal(server.loads.length, 2)
    })
  }

  t.test('a page that takes long is gone to unseen', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.answer = ({ headers }) => headers['sec-fetch-mode'] === 'navigate' ? { status: 204 } : { never: true }
    server.change()
    await until(() => server.loads.length === 2, 'gone to')
    t.equal(server.probes.length, 1)
    t.same(tab.errors, [])
  })

  t.test('a document that is no HTML', async t => {
    const server = await fakeServer(t)
    server.hello.badge = { position: 'top-left' }
    server.answer = () => ({ headers: { 'content-type': 'image/svg+xml' }, body: '<svg xmlns="http://www.w3.org/2000/svg">TAG</svg>'.replace('TAG', '<script href="/__live/client.js" data-live-reload="SEQ" data-token="secret" xmlns="http://www.w3.org/1999/xhtml" src="/__live/client.js"></script>').replace('SEQ', server.stamp()) })
    const tab = await openTab(t, server)
    server.change()
    await shown(tab, 2)
    t.equal(server.loads.length, 2)
    t.same(tab.errors, [])
  })

  t.test('what a new process says wrong ten times is left to people', async t => {
    const { server, tab, badge } = await scene(t)
    await tab.page.evaluate('{ const real = setTimeout; window.setTimeout = (run, ms) => real(run, 25 <= ms && ms < 5000 ? 0 : ms) }')
    server.answer = ({ headers }) => headers['sec-fetch-mode'] === 'navigate' ? {} : { status: 500 }
    server.epoch = 'e2'
    for (const socket of server.sockets) socket.terminate()
    await badge.shows('note', 'answers 500')
    t.equal(server.probes.length, 10)
    await badge.click('.pill')
    await until(() => server.loads.length === 2, 'gone to')
  })

  t.test('a page that is not of this app is gone to unseen, unless the app is a new one', async t => {
    const { server, tab, badge } = await scene(t)
    const nobody: Reply = { status: 404, headers: { 'x-no-page': '1' } }
    server.answer = ({ headers }) => headers['sec-fetch-mode'] === 'navigate' ? {} : nobody
    server.change()
    await tab.shows(2)
    server.epoch = 'e2'
    for (const socket of server.sockets) socket.terminate()
    await badge.shows('waiting', 'answers 404')
    server.answer = () => ({})
    await until(() => server.loads.length === 3, 'gone to')
  })

  t.test('a script of another server knows nothing of the page', async t => {
    const server = await fakeServer(t)
    const elsewhere = server.url.replace('127.0.0.1', 'localhost')
    server.answer = () => ({ body: TAG.replace('TAG', `<script async src="${elsewhere}/__live/client.js" data-live-reload="${server.stamp()}" data-token="secret" data-transport="ws"></script>`), headers: { 'content-security-policy': `connect-src ${elsewhere.replace('http', 'ws')}` } })
    server.open = true
    const tab = await openTab(t, server)
    server.change()
    await shown(tab, 2)
    t.equal(server.probes.length, 0)
    t.same(tab.errors, [])
  })

  t.test('who is sent away meanwhile does not go', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    const replies: Reply[] = [{ never: true }, { status: 502 }]
    server.answer = ({ headers }) => headers['sec-fetch-mode'] === 'navigate' ? {} : replies.shift() ?? {}
    server.change()
    await asked(server, 1)
    await tab.ask('live.pause()')
    await tab.page.waitForFunction('performance.getEntriesByType("resource").some(({ name }) => name.includes("/__live/page"))')
    t.equal(server.loads.length, 1, 'late, and not wanted any more')
    await tab.ask('live.resume()')
    await tab.shows(2)
    t.equal(server.loads.length, 2)
  })

  t.test('while it is asked, an update does not stand in for the reload, and the page knows what it lacks', async t => {
    const { server, tab, badge } = await scene(t, () => ({ headers: { 'server-timing': 'file;desc="/index.html"' } }))
    await tab.page.evaluate(UNHURRIED)
    let release = () => {}
    const held = new Promise<void>(resolve => { release = resolve })
    await tab.page.route('**/__live/page*', route => held.then(() => route.continue()), { times: 1 })
    server.answer = () => ({ status: 500 })
    const first = tab.page.waitForRequest('**/__live/page*')
    server.change()
    await first
    const changes: ChangeMessage[] = [{ type: 'reload', seq: 2 }, { type: 'update', seq: 3, updates: [{ kind: 'css', path: '/nothing.css' }] }]
    server.seq = 3
    server.send(changes[1] as ChangeMessage)
    await until(() => tab.ask<number>('live.metrics.messages').then(messages => messages === 3), 'the update is heard')
    t.equal(server.probes.length, 0, 'one question at a time')
    release()
    await asked(server, 2)
    await badge.shows('note', 'answers 500')
    t.same([server.probes.length, await tab.ask('live.seq')], [2, 1])
    server.changes = changes
    for (const socket of server.sockets) socket.terminate()
    await asked(server, 3)
    await badge.shows('note', 'answers 500')
    t.same([server.loads.length, await tab.ask('live.seq')], [1, 1])
  })

  t.test('who is paused goes nowhere: not after a pause between two tries, not after an update that could not be shown', async t => {
    const server = await fakeServer(t)
    server.answer = ({ url }) => url === '/b.css' ? { never: true } : server.probes.length === 1 ? { status: 502 } : {}
    const tab = await openTab(t, server)
    await tab.page.evaluate('{ const real = setTimeout; window.setTimeout = (run, ms) => 25 <= ms && ms < 50 ? (window.resume = run, 0) : real(run, ms) }')
    server.change()
    await tab.page.waitForFunction('window.resume')
    await tab.ask('live.pause()')
    await tab.page.evaluate('window.resume()')
    await tab.page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    t.equal(server.probes.length, 1, 'not asked for again')
    await tab.ask('live.resume()')
    await tab.shows(2)
    t.equal(server.loads.length, 2)

    let release = () => {}
    const held = new Promise<void>(resolve => { release = resolve })
    await tab.page.goto(server.url)
    await tab.connected()
    const [loads, probes] = [server.loads.length, server.probes.length]
    await tab.page.route('**/more.js*', route => held.then(() => route.abort()), { times: 1 })
    const wanted = tab.page.waitForRequest('**/more.js*')
    server.seq++
    server.send({ type: 'update', seq: server.seq, updates: [{ kind: 'css', path: '/nothing.css' }] })
    await wanted
    await tab.ask('live.pause()')
    const failed = tab.page.waitForEvent('requestfailed')
    release()
    await failed
    await tab.page.evaluate('new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
    t.equal(await tab.page.evaluate('performance.getEntriesByType("navigation").length'), 1)
    t.equal(server.loads.length, loads, 'nor gone to')
    await tab.ask('live.resume()')
    await tab.shows(server.seq)
    t.same([server.loads.length, server.probes.length], [loads + 1, probes + 1])
  })

  t.test('a page that is slower than the changes are is gone to all the same', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.page.route('**/__live/page*', async route => {
      const { seq } = server
      await until(() => calm || server.seq > seq + 5, 'more changes')
      // Perhaps it was asked anew meanwhile.
      await route.continue().catch(() => {})
    })
    let calm = false
    const steady = setInterval(() => server.change(), 50)
    t.teardown(async () => clearInterval(steady))
    await until(() => server.loads.length >= 3, 'reloads in between')
    clearInterval(steady)
    calm = true
    await until(() => tab.ask('live?.seq').then(seq => seq === server.seq, () => false), 'the last change')
    t.same(tab.errors, [])
  })

  t.test('nobody asks for what is shown, answered for by somebody else, or kept by a cache', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ headers: { 'server-timing': 'file;desc="/index.html"' } })
    const tab = await openTab(t, server)
    await tab.ask('(window.undo = live.on("reload", () => false), 0)')
    const shows = (seq: number) => until(() => tab.ask('live?.seq').then(value => value === seq, () => false), `shows ${seq}`)
    server.seq++
    server.send({ type: 'update', seq: server.seq, updates: [{ kind: 'css', path: '/nothing.css' }] })
    await shows(2)
    server.change()
    await shows(3)
    t.same([server.loads.length, server.probes.length], [1, 0])
    await tab.snapshot()
    await tab.ask('window.undo()')
    server.stamp = () => 'e1:3'
    server.change()
    await said(tab, 'comes from a cache, as it was')
    t.same([server.loads.length, server.probes.length], [2, 1])
  })

  t.test('a page that answers a form asks for its address', async t => {
    const server = await fakeServer(t)
    const form = '<!doctype html><html><head>TAG</head><body><form method="post"><button>send</button></form></body></html>'
    server.answer = ({ method }) => ({ body: form, status: method === 'POST' ? 200 : 405 })
    server.hello.badge = { position: 'top-left' }
    const { tab, badge } = await openScene(t, server)
    await tab.page.click('button')
    await until(() => tab.page.evaluate('document.querySelector("script[data-method=POST]") !== null').catch(() => false), 'the answer to the form')
    await tab.connected()
    server.epoch = 'e2'
    for (const socket of server.sockets) socket.terminate()
    await badge.shows('note', 'Not reloaded: the page answers 405 (it answers a form)')
    server.answer = () => ({ body: form })
    server.change()
    await tab.shows(server.seq)
    t.same(server.loads, ['GET /', 'POST /', 'GET /'])
  })

  t.test('a server that is gone is waited for', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.page.route('**/__live/page*', route => server.kill().then(() => route.abort()))
    server.change()
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 0), 'it is gone')
    await tab.page.unroute('**/__live/page*')
    await server.start()
    await tab.shows(2)
    t.equal(server.loads.length, 2)
  })

  t.test('without the module: only a page that is connected goes', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.broken.more = 503
    server.refuse = true
    server.epoch = 'e2'
    for (const socket of server.sockets) socket.terminate()
    await until(() => server.scripts.filter(path => path.includes('more')).length > 1, 'it is tried')
    t.equal(server.loads.length, 1)
    server.refuse = false
    await tab.shows(1)
    t.same([server.loads.length, server.probes.length], [2, 0])
  })
})

test('every line of it ran', async t => {
  for (const [name, lines] of Object.entries(await missesIn(name => /^(preserve\/ask|act)\.ts/.test(name)))) t.same(lines, [], name)
})
