// Cases: how a page finds a server again that is away, is restarted, or refuses it.
import type { Test } from 'tap'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { fakeServer, type FakeServer, type Reply } from './fake-server.js'
import { openScene } from './island.js'
import { openTab, settle, type Tab, tabOf } from './tab.js'

const FORM: Reply = { body: '<!doctype html><html><head><meta charset="utf-8">TAG</head><body><dialog><form autocomplete="off"><input name="a"></form></dialog><div style="height:4000px">long</div></body></html>' }
const failing = (status: number): Reply => ({ status, body: '<!doctype html><html><head>TAG</head><body><h1>failed</h1></body></html>' })
const STATE = '(field => [field?.value, field?.selectionStart, document.activeElement === field, document.querySelector("dialog")?.matches(":modal"), scrollY])(document.querySelector("input"))'

/** A page whose clock only the test turns: one that ran by itself would do more than it is told while the machine is busy. */
async function clocked (t: Test, server: FakeServer): Promise<Tab> {
  const tab = await tabOf(t, server, await page(t))
  await tab.page.clock.install()
  await tab.page.goto(server.url)
  await tab.connected()
  await stopClock(tab)
  return tab
}

/** The clock goes on until it is paused, and cannot go back. */
const stopClock = async ({ page }: Tab) => page.clock.pauseAt(await page.evaluate<number>('Date.now() + 5000'))

const warned = ({ log }: Tab) => log.filter(text => text.includes(' answers '))
const drop = (server: FakeServer) => { for (const socket of server.sockets) socket.terminate() }
/** Turns the clock until something is true. */
const turn = (tab: Tab, probe: () => unknown, what: string) => until(async () => {
  await tab.page.clock.runFor(100)
  return await probe()
}, what)

export function returning (t: Test) {
  t.test('text, caret, scroll position and an open dialog come back after an error, a restart and a 502 of a proxy', async t => {
    const server = await fakeServer(t)
    server.answer = () => FORM
    const tab = await openTab(t, server)
    await tab.page.evaluate('scrollTo(0, 700); document.querySelector("dialog").showModal()')
    await tab.page.fill('input', 'typed')
    await tab.page.evaluate('document.querySelector("input").setSelectionRange(2, 2)')
    server.answer = () => failing(500)
    server.change()
    await tab.shows(2)
    await server.kill()
    server.epoch = 'e2'
    await server.start()
    await until(() => tab.ask('live?.epoch').then(epoch => epoch === 'e2', () => false), 'the error of the new process')
    server.answer = () => failing(502)
    server.change()
    const loads = server.loads.length
    await until(() => server.loads.length > loads + 1, 'the 502 is tried again')
    server.answer = () => FORM
    t.ok(await until(() => tab.page.evaluate(STATE).then(state => JSON.stringify(state) === '["typed",2,true,true,700]', () => false), 'the state'))
  })

  t.test('a server that may be restarted for the same change: the first reload waits, and no other once the process has outlived one', async t => {
    const server = await fakeServer(t)
    const tab = await clocked(t, server)
    const change = (more: object) => server.send({ type: 'reload', seq: ++server.seq, ...more })
    change({ paths: ['public/a.js'], files: ['/a.js'] })
    await turn(tab, () => server.heard.length === 1, 'a file of a root')
    change({})
    await turn(tab, () => server.heard.length === 2, 'a reload that the app asks for')
    t.equal(server.loads.length, 3)
    t.equal(await tab.page.evaluate('sessionStorage.length'), 0, 'nothing was waited for')

    change({ paths: ['views/a.ejs'], mayRestart: true })
    await tab.page.clock.runFor(100)
    await tab.page.clock.runFor(250)
    t.equal(server.loads.length, 3, 'a template')
    await server.kill()
    server.epoch = 'e2'
    server.seq = 0
    await server.start()
    await turn(tab, () => tab.ask('live?.epoch').then(epoch => epoch === 'e2', () => false), 'the page of the new process')
    t.equal(server.loads.length, 4, 'loaded once')

    await turn(tab, () => tab.ask('live.state').then(state => state === 'open'), 'connected')
    await tab.snapshot()
    change({ paths: ['views/a.ejs'], mayRestart: true })
    await tab.page.clock.runFor(100)
    await tab.page.clock.runFor(250)
    t.equal(server.loads.length, 4)
    const connections = server.connects.length
    await turn(tab, () => server.loads.length === 5, 'the process is still there')
    await turn(tab, () => server.connects.length > connections && tab.ask('live?.state').then(state => state === 'open', () => false), 'the new page is connected')
    t.equal(await tab.page.evaluate('sessionStorage.getItem("live-reload-stays")'), '1')
    const messages = await tab.ask<number>('live.metrics.messages')
    change({ paths: ['views/a.ejs'], mayRestart: true })
    await until(() => tab.ask<number>('live.metrics.messages').then(count => count > messages), 'it has heard of the change')
    await tab.page.clock.runFor(40)
    t.ok(await until(() => server.loads.length === 6, 'at once'))
  })

  t.test('a rate limit: the page waits as long as it is told, and says so once', async t => {
    const server = await fakeServer(t)
    const tab = await clocked(t, server)
    server.refuse = true
    server.barred = { status: 429, headers: { 'retry-after': '30' } }
    drop(server)
    await turn(tab, () => warned(tab).length === 1, 'the warning')
    t.same(warned(tab), [`[live-reload] ${server.url}/__live/health answers 429`])
    const tries = server.tries.length
    await tab.page.clock.runFor(29_000)
    t.same([server.tries.length, server.asked], [tries, 1], 'nothing is asked meanwhile')
    server.barred.headers = { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }
    await turn(tab, () => server.asked === 2, 'asked again')
    await turn(tab, () => server.asked === 3, 'and again after a second')
    t.equal(warned(tab).length, 1)
    server.barred = undefined
    server.refuse = false
    await turn(tab, () => tab.ask('live.state').then(state => state === 'open'), 'connected')
    t.equal(server.loads.length, 1)
  })

  t.test('refused upgrades: SSE at once, reported once, kept for the session', async t => {
    const server = await fakeServer(t)
    server.refuse = 'ws'
    const tab = await openTab(t, server)
    const told = () => tab.log.filter(text => text.includes('fallback from'))
    t.equal(await tab.ask('live.connectionType'), 'sse')
    t.same(server.tries, ['ws', 'sse'])
    t.equal(await tab.ask('live.metrics.fallbacks'), 1)
    t.equal(told().length, 1)
    t.match(told()[0], /fallback from ws: failed/)
    await settle(server, tab)
    t.same(server.tries, ['ws', 'sse', 'sse'])
    t.equal(await tab.ask('live.metrics.fallbacks'), 1, 'counted once')
    t.equal(told().length, 1)
    t.match(await tab.ask('({ ...live.metrics })'), { attempts: 3, successes: 2, failures: 1 })
    const said = server.connects.map(query => Object.fromEntries(query))
    t.match(said, [{ attempts: '2', successes: '0', failures: '1', fallbacks: '0', reloads: '0' }, { attempts: '3', successes: '1', failures: '1', fallbacks: '1', reloads: '0' }], 'the server is told what was counted')
    t.same(new Set(server.posts), new Set(said.map(({ tab }) => tab)), 'and can tell from which document a report comes')
  })

  for (const [name, status, headers, text] of [
    ['a guard', 401, {}, '/__live/health answers 401'],
    ['a redirect to a login', 302, { location: '/login' }, '/login answers 200']
  ] as const) {
    t.test(`${name} in the way of our routes: one warning`, async t => {
      const server = await fakeServer(t)
      const tab = await clocked(t, server)
      server.refuse = true
      server.barred = { status, headers }
      drop(server)
      await turn(tab, () => server.asked > 2, 'asked more than once')
      t.same(warned(tab), [`[live-reload] ${server.url}${text}`])
    })
  }

  t.test('a server that is busy or away is no reason for a warning', async t => {
    const server = await fakeServer(t)
    const tab = await clocked(t, server)
    server.refuse = true
    server.barred = { status: 503, headers: {} }
    drop(server)
    await turn(tab, () => server.asked > 1, 'asked more than once')
    await server.kill()
    await turn(tab, () => tab.ask<number>('live.metrics.failures').then(failures => failures > 2), 'tries')
    t.same(warned(tab), [])
  })

  t.test('the badge says where to look when the server stays away; the focus of the window brings a try at once', async t => {
    const server = await fakeServer(t)
    server.hello.badge = { position: 'top-left' }
    const { tab, badge } = await openScene(t, server)
    await tab.page.clock.install()
    await server.kill()
    await turn(tab, () => badge.ask('find("button").textContent === "Reconnecting…"'), 'the badge')
    await turn(tab, () => badge.ask('find("button").textContent === "No answer: look at the terminal"'), 'where to look')
    await turn(tab, () => tab.ask<number>('live.metrics.failures').then(failures => failures > 3), 'longer pauses')
    await stopClock(tab)
    // Before the server is there: a question that was on its way when the clock stopped may be answered, and leads to a try as well.
    const attempts = await tab.ask<number>('live.metrics.attempts')
    await server.start()
    await tab.page.evaluate('dispatchEvent(new Event("focus"))')
    await until(() => tab.ask<number>('live.metrics.attempts').then(count => count > attempts), 'a try, though no timer runs')
    await until(() => tab.ask('live.state === "open"'), 'a connection')
    // The badge says so for two seconds, which may be over before a busy machine looks.
    await turn(tab, () => badge.ask('find("button").textContent === "Connected"'), 'the badge')
    await tab.page.clock.resume()
    await settle(server, tab)
    t.equal(server.loads.length, 2)
  })

  t.test('a page that is as it was before the reload says so', async t => {
    const server = await fakeServer(t)
    server.attributes = ' data-remark=" (nothing changed: a template cache?)"'
    const tab = await openTab(t, server)
    t.notOk(tab.log.some(text => text.includes('nothing changed')), 'not without a reload')
    server.send({ type: 'reload', seq: ++server.seq, paths: ['views/a.njk'] })
    await tab.shows(2)
    t.ok(tab.log.includes('[live-reload] reload: views/a.njk (nothing changed: a template cache?)'))
  })
}
