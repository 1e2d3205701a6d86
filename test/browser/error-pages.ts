// Cases: reloads that bring an error page, keep state until the page works again, or must not happen at all.
import type { Test } from 'tap'
import type { ChangeMessage } from '../../types/message.js'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { type FakeServer, fakeServer, type Reply } from './fake-server.js'
import { openScene } from './island.js'
import { openTab, settle, type Tab, tabOf, timersRun } from './tab.js'

const FORM: Reply = { body: '<!doctype html><html><head><meta charset="utf-8">TAG</head><body><form autocomplete="off"><input name="a"></form><div style="height:4000px">long</div></body></html>' }
const failing = (status: number, attribute = ''): Reply => ({ status, body: `<!doctype html><html><head><meta charset="utf-8">TAG</head><body${attribute}><h1>failed</h1><div style="height:4000px">long</div></body></html>` })

const shows = (tab: Tab, seq: number) => until(() => tab.ask('live?.seq').then(value => value === seq, () => false), `the page shows ${seq}`)
const reach = (tab: Tab, expression: string, wanted: unknown) => until(() => tab.page.evaluate(expression).then(value => JSON.stringify(value) === JSON.stringify(wanted), () => false), `${expression} is ${JSON.stringify(wanted)}`)
const failed = (tab: Tab) => reach(tab, 'document.querySelector("h1")?.textContent', 'failed')
const restored = (tab: Tab) => reach(tab, '[document.querySelector("input")?.value, scrollY]', ['typed', 700])

async function typed (t: Test): Promise<{ server: FakeServer, tab: Tab }> {
  const server = await fakeServer(t)
  server.answer = () => FORM
  const tab = await openTab(t, server)
  await tab.page.fill('input', 'typed')
  await tab.page.evaluate('scrollTo(0, 700)')
  return { server, tab }
}

function update (server: FakeServer) {
  server.seq++
  server.send({ type: 'update', seq: server.seq, updates: [{ kind: 'css', path: '/nothing.css' }] })
}

async function restart (server: FakeServer) {
  await server.kill()
  server.epoch += 'x'
  await server.start()
}

export function errorPages (t: Test) {
  t.test('a change reloads at once: nothing is requested before', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server, '/a%20b?c=d&e=%26#f')
    server.seq++
    server.send({ type: 'reload', seq: server.seq, paths: ['views/clock.ejs', 'views/b.ejs', 'views/c.ejs', 'views/d.ejs'] })
    await tab.shows(2)
    t.same([server.loads, server.probes], [['GET /a%20b?c=d&e=%26', 'GET /a%20b?c=d&e=%26'], []])
    t.same(tab.log, ['[live-reload] connected by ws', '[live-reload] reload: views/clock.ejs, views/b.ejs, views/c.ejs', '[live-reload] connected by ws'], 'the console says what was connected and why the page reloaded')
    await settle(server, tab)
    t.same(tab.errors, [])
  })

  for (const [name, between] of [
    ['', async () => {}],
    [', over a restart', async (server: FakeServer, tab: Tab) => {
      await restart(server)
      await until(() => tab.ask('live?.epoch').then(epoch => epoch === server.epoch, () => false), 'the error page of the new process')
    }],
    [', over a manual reload and an hour', async (_: FakeServer, tab: Tab) => {
      await tab.page.reload()
      await failed(tab)
      await reach(tab, 'JSON.parse(sessionStorage.getItem("live-reload " + location.href))[0] > Date.now() + 3600_000', true)
      await tab.connected()
    }],
    [', over a visit to another page', async (server: FakeServer, tab: Tab) => {
      await tab.page.goto(`${server.url}/other`)
      await tab.connected()
      await tab.page.goto(server.url)
      await tab.connected()
    }]
  ] as const) {
    for (const status of [404, 500]) {
      t.test(`${status}: the error page is shown at once, and the next change brings the page with its state${name}`, async t => {
        const { server, tab } = await typed(t)
        server.answer = () => failing(status)
        server.change()
        await shows(tab, 2)
        await failed(tab)
        t.equal(server.loads.length, 2)
        server.change()
        await shows(tab, 3)
        await failed(tab)
        await tab.page.evaluate('scrollTo(0, 99)')
        await between(server, tab)
        await tab.connected()
        const loads = server.loads.length
        server.answer = () => FORM
        update(server)
        await shows(tab, server.seq)
        await restored(tab)
        t.equal(server.loads.length, loads + 1, 'an update is a reload')
        await reach(tab, 'sessionStorage.length', 0)
      })
    }
  }

  for (const [name, first, then] of [['a 502', failing(502), async () => {}], ['a restart', {}, async (server: FakeServer, tab: Tab) => {
    await server.kill()
    // Then it asks for the health first.
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 1), 'vain tries')
    server.epoch += 'x'
    await server.start()
  }]] as const) {
    t.test(`${name}: a reload that is answered with 204 leaves the page`, async t => {
      const server = await fakeServer(t)
      server.answer = () => server.loads.length < 2 ? first : { status: 204 }
      const tab = await tabOf(t, server, await page(t))
      await tab.page.goto(server.url)
      await tab.page.evaluate('window.marker = true')
      await tab.connected()
      await then(server, tab)
      await until(() => server.loads.length > 1, 'a reload')
      t.equal(await tab.page.evaluate('window.marker'), true)
    })
  }

  for (const status of [502, 503, 504]) {
    t.test(`${status}: the page comes back by itself, with its state`, async t => {
      const { server, tab } = await typed(t)
      server.answer = () => failing(status)
      server.change()
      await until(() => server.loads.length > 3, 'tried again')
      await failed(tab)
      t.ok(tab.log.includes(`[live-reload] reload: the page answered ${status}`))
      server.answer = () => FORM
      await restored(tab)
      const loads = server.loads.length
      await settle(server, tab)
      t.equal(server.loads.length, loads + 1, 'and stays')
    })
  }

  t.test('an error page with a form: its own state is for itself, not for the page that works', async t => {
    const server = await fakeServer(t)
    const page = (status: number): Reply => ({ ...FORM, status })
    server.answer = () => page(404)
    const tab = await openTab(t, server)
    await tab.page.fill('input', 'search')
    server.change()
    await shows(tab, 2)
    await reach(tab, 'document.querySelector("input")?.value', 'search')
    server.answer = () => page(200)
    server.change()
    await shows(tab, 3)
    await tab.connected()
    await reach(tab, 'sessionStorage.length', 0)
    t.equal(await tab.page.evaluate('document.querySelector("input").value'), '')
  })

  t.test('an error without our client: the state waits for a minute', async t => {
    const { server, tab } = await typed(t)
    server.answer = () => ({ status: 500, headers: { 'content-type': 'application/json' }, body: '{"error":"failed"}' })
    server.change()
    await until(() => tab.page.evaluate('document.body.innerText').then(text => String(text).includes('"error"'), () => false), 'the error')
    server.answer = () => FORM
    await tab.page.reload()
    await restored(tab)
  })

  t.test('errors, changes and restarts in any order: one load for each', async t => {
    const { server, tab } = await typed(t)
    for (const [step, status] of [['change', 500], ['restart', 404], ['change', 404], ['restart', 500], ['restart', 200], ['change', 500], ['restart', 200]] as const) {
      const loads = server.loads.length
      server.answer = () => status === 200 ? FORM : failing(status)
      if (step === 'change') server.change()
      else await restart(server)
      await until(() => tab.ask('live?.epoch + live.seq + live.state').then(text => text === `${server.epoch}${server.seq}open`, () => false), `${step} ${status}`)
      if (status === 200) await restored(tab)
      t.equal(server.loads.length, loads + 1, `${step} ${status}`)
    }
  })

  t.test('a server that goes away before the page has gone: the page stays until it is back', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ ...FORM, headers: { 'server-timing': 'file;desc="/index.html"' } })
    const tab = await openTab(t, server)
    await tab.page.fill('input', 'typed')
    // The module that reloads is loaded by then.
    update(server)
    await shows(tab, 2)
    await tab.page.evaluate('void document.startViewTransition(() => new Promise(resolve => { window.finish = resolve }))')
    await until(() => tab.page.evaluate('!!window.finish'), 'the transition is under way')
    server.change()
    await until(() => tab.ask<number>('live.metrics.messages').then(messages => messages === 3), 'heard')
    await server.kill()
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 0), 'not connected')
    await tab.page.evaluate('window.finish()')
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 1), 'still there')
    await tab.snapshot()
    t.equal(await tab.page.evaluate('document.querySelector("input").value'), 'typed')
    const loads = server.loads.length
    await server.start()
    await tab.shows(3)
    t.equal(server.loads.length, loads + 1)
  })

  t.test('a paused page goes nowhere: not after a transition, not after an update that could not be shown', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    let release = () => {}
    const held = new Promise<void>(resolve => { release = resolve })
    await tab.page.route('**/more.js*', route => held.then(() => route.abort()), { times: 1 })
    const wanted = tab.page.waitForRequest('**/more.js*')
    update(server)
    await wanted
    await tab.ask('live.pause()')
    const aborted = tab.page.waitForEvent('requestfailed')
    release()
    await aborted
    await tab.page.clock.install()
    await tab.page.evaluate(`
      const { get } = Object.getOwnPropertyDescriptor(Document.prototype, 'activeViewTransition') ?? {}
      Object.defineProperty(document, 'activeViewTransition', { get () { window.waits = true; return get?.call(document) } })
      void document.startViewTransition(() => new Promise(resolve => { window.finish = resolve }))
    `)
    await tab.ask('live.resume()')
    await until(() => tab.page.evaluate('window.waits && !!window.finish'), 'the reload waits for the transition')
    await tab.ask('live.pause()')
    await tab.page.evaluate('window.finish()')
    await timersRun(tab)
    t.equal(server.loads.length, 1)
    await tab.snapshot()
    await tab.ask('live.resume()')
    await tab.shows(server.seq)
    t.equal(server.loads.length, 2)
  })

  t.test('without the module only a connected page reloads', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.broken.more = 503
    server.refuse = true
    server.epoch = 'e2'
    for (const socket of server.sockets) socket.terminate()
    await until(() => server.scripts.filter(path => path.includes('more')).length > 1, 'the module is tried')
    t.equal(server.loads.length, 1)
    await tab.snapshot()
    server.refuse = false
    await tab.shows(1)
    t.equal(server.loads.length, 2)
  })

  t.test('urls: only pages at these addresses reload, the others count the change', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server, '/a?b#c')
    const reload = (urls: string[]): ChangeMessage => ({ type: 'reload', seq: ++server.seq, urls })
    server.send(reload(['/other', '/a/b']))
    await shows(tab, 2)
    t.equal(server.scripts.length, 1, 'nothing is loaded for it')
    await tab.snapshot()
    server.send(reload(['/other', '/a']))
    await tab.shows(3)
    t.equal(server.loads.length, 2)
    server.answer = () => ({ headers: { 'server-timing': 'file;desc="/index.html"' } })
    server.change()
    await tab.shows(4)
    update(server)
    server.send(reload(['/other']))
    await shows(tab, 6)
    t.equal(server.loads.length, 3, 'an update together with a reload elsewhere is shown in place')
    await tab.snapshot()
  })

  t.test('urls: a page that waits for its reload does not count as up to date', async t => {
    const server = await fakeServer(t)
    server.hello = { preserve: false, badge: { position: 'top-left' } }
    server.answer = () => FORM
    const { tab, badge } = await openScene(t, server)
    await tab.page.fill('input', 'typed')
    server.change()
    await badge.shows('note', 'Update ready')
    await tab.page.clock.install()
    server.send({ type: 'reload', seq: ++server.seq, urls: ['/other'] })
    await until(() => tab.ask<number>('live.metrics.messages').then(messages => messages === 3), 'heard')
    await timersRun(tab)
    t.equal(await tab.ask('live.seq'), 1)
  })

  t.test('custom events reach the listeners of every tab', async t => {
    const server = await fakeServer(t)
    const first = await openTab(t, server)
    const second = await first.page.context().newPage()
    await second.goto(server.url)
    await second.waitForFunction('window.__liveReload?.state === "open"')
    t.equal(server.connects.length, 1, 'they share a connection')
    const listen = 'window.heard = []; window.undo = window.__liveReload.on("translations", data => { window.heard.push(data); return false })'
    for (const page of [first.page, second]) await page.evaluate(listen)
    for (const data of [{ lang: 'de' }, 'text', undefined]) server.send({ type: 'custom', event: 'translations', data })
    server.send({ type: 'custom', event: 'other', data: 1 })
    for (const page of [first.page, second]) {
      await page.waitForFunction('window.heard.length === 3')
      t.same(await page.evaluate('JSON.stringify(window.heard)'), '[{"lang":"de"},"text",null]')
    }
    await first.page.evaluate('window.undo()')
    server.send({ type: 'custom', event: 'translations', data: 2 })
    await second.waitForFunction('window.heard.length === 4')
    t.equal(await first.page.evaluate('window.heard.length'), 3)
    await settle(server, first)
  })
}
