// Cases: how the connection is kept, lost and found again.
import type { Test } from 'tap'
import { bareTab } from '../support/bare-browser.js'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { type FakeServer, fakeServer } from './fake-server.js'
import { openTab, settle, type Tab, tabOf, timersRun } from './tab.js'

const closed = (tab: Tab) => until(() => tab.ask('live.state').then(state => state === 'closed'), 'closed')
const connects = (server: FakeServer, count: number) => until(() => server.connects.length >= count, `${count} connections`)

/** The server knows of every try that failed, also of those of the page before the reload, and of each once. */
async function toldOfAll (server: FakeServer, tab: Tab): Promise<void> {
  await until(async () => {
    const { failures, lost } = await tab.ask<{ failures: number, lost: number }>('({ ...live.metrics })')
    return failures > 1 && lost === 0 && failures === server.failures.reduce((sum, attempts) => sum + attempts, 0)
  }, `told of all (${server.failures.join(' + ')})`)
}

export function connecting (t: Test) {
  t.test('a page connects when it has loaded, so that its own files come first, or while it loads if that takes long', async t => {
    const server = await fakeServer(t)
    server.answer = ({ url }) => url === '/stuck.png' ? { never: true } : { body: `<!doctype html><html><head>TAG</head><body>${url === '/long' ? '<img src="/stuck.png">' : ''}</body></html>` }
    const tab = await tabOf(t, server, await page(t))
    await tab.page.addInitScript('WebSocket = class extends WebSocket { constructor (url) { super(url); window.during = document.readyState } }')
    const during: string[] = []
    for (const path of ['/', '/long']) {
      await tab.page.goto(server.url + path, { waitUntil: 'commit' })
      await tab.connected()
      during.push(await tab.page.evaluate('window.during'))
    }
    t.same(during, ['complete', 'interactive'])
  })

  t.test('a lost connection is made again, without a reload', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.ask('(window.states = [], live.on("state", state => { window.states.push(state) }), 0)')
    for (const socket of server.sockets) socket.terminate()
    await connects(server, 2)
    await tab.connected()
    t.same(await tab.page.evaluate('window.states'), ['connecting', 'open'])
    t.equal(await tab.ask('live.connectionType'), 'ws')
    server.send({ type: 'closing' })
    await connects(server, 3)
    await settle(server, tab)
    t.equal(server.loads.length, 2)
  })

  t.test('a reload that was about to happen when the connection broke is caught up', async t => {
    const server = await fakeServer(t)
    server.hello.debounce = 300
    const tab = await openTab(t, server)
    server.change()
    server.send({ type: 'closing' })
    await tab.shows(2)
    t.equal(server.connects[1]?.get('at'), 'e1:1', 'it says what it shows, not what it heard')
    t.equal(server.loads.length, 2)
  })

  t.test('the server is killed and comes back as the same: no reload', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await server.kill()
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 1), 'some vain tries')
    await server.start()
    await settle(server, tab)
    t.equal(server.loads.length, 2)
    await toldOfAll(server, tab)
    t.ok(tab.log.filter(text => text.startsWith('[live-reload]')).length <= 6, 'a line for each state, none for each try')
  })

  t.test('a restarted server: one reload as soon as it greets', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await server.kill()
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 1), 'some vain tries')
    server.epoch = 'e2'
    server.seq = 0
    await server.start()
    await tab.shows(0)
    t.equal(server.loads.length, 2)
    t.ok(tab.log.includes('[live-reload] reload: restart'), 'the console says why')
    await settle(server, tab)
    t.equal(server.loads.length, 3)
    t.equal(await tab.ask('live.epoch'), 'e2')
    await toldOfAll(server, tab)
  })

  t.test('an error page is there again when it answers with the same error', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ status: 404 })
    const tab = await openTab(t, server, '/nothing')
    await server.kill()
    server.epoch = 'e2'
    await server.start()
    await tab.shows(1)
    t.equal(server.loads.length, 2)
  })

  t.test('a handler that shows a restart itself', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.ask('(live.on("reload", () => false), 0)')
    await server.kill()
    server.epoch = 'e2'
    server.seq = 7
    await server.start()
    await until(() => tab.ask('live.epoch').then(epoch => epoch === 'e2'), 'epoch taken over')
    t.equal(await tab.ask('live.seq'), 7)
    t.equal(server.loads.length, 1)
  })

  t.test('a page whose policy allows only the socket is reloaded when the new server greets it', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ headers: { 'content-security-policy': `connect-src ${server.url.replace('http', 'ws')}` } })
    const tab = await openTab(t, server)
    await server.kill()
    server.epoch = 'e2'
    await server.start()
    await tab.shows(1)
    t.equal(server.loads.length, 2)
  })

  t.test('a restarted server that refuses the old token: its health route is proof enough', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await server.kill()
    server.refuse = true
    server.epoch = 'e2'
    await server.start()
    await until(() => server.loads.length === 2, 'reload')
    server.refuse = false
    await tab.shows(1)
    await settle(server, tab)
    t.equal(server.loads.length, 3)
  })

  t.test('refusals of the same process are no restart', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.refuse = true
    for (const socket of server.sockets) socket.terminate()
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 4), 'tries')
    server.refuse = false
    await tab.connected()
    await settle(server, tab)
    t.equal(server.loads.length, 2)
  })

  t.test('a server that does not greet is not waited for', async t => {
    const server = await fakeServer(t)
    const tab = await tabOf(t, server, await page(t))
    server.mute = true
    await tab.page.clock.install()
    await tab.page.goto(server.url)
    await connects(server, 1)
    t.equal(await tab.ask('live.state'), 'connecting')
    t.equal(await tab.ask('live.connectionType'), null)
    server.mute = false
    await tab.page.clock.fastForward(11_000)
    await tab.connected()
    t.same(await tab.ask('[live.metrics.attempts, live.metrics.failures]'), [2, 1])
  })

  t.test('after sleep and after being cut off the connection is doubted', async t => {
    const server = await fakeServer(t)
    const tab = await tabOf(t, server, await page(t))
    await tab.page.clock.install()
    await tab.page.goto(server.url)
    await tab.connected()
    await tab.page.clock.runFor(25_000)
    t.equal(server.connects.length, 1, 'time that passes is no reason')
    await tab.page.clock.fastForward(120_000)
    await connects(server, 2)
    await tab.connected()
    await tab.page.context().setOffline(true)
    await tab.page.context().setOffline(false)
    await connects(server, 3)
    await settle(server, tab)
    t.equal(server.loads.length, 2)
  })

  t.test('pause, resume, reconnect', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.ask('live.resume()')
    await tab.ask('live.reconnect("sse")')
    await connects(server, 2)
    await tab.connected()
    await tab.ask('live.pause()')
    await until(() => server.sockets.size === 0, 'no connection')
    await tab.page.evaluate('dispatchEvent(new Event("online")), dispatchEvent(new Event("pagehide")), dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
    t.equal(await tab.ask('live.state'), 'paused')
    await tab.ask('live.resume()')
    await connects(server, 3)
    await tab.connected()
    await tab.snapshot()
    await tab.ask('live.pause()')
    server.change()
    await tab.ask('live.resume()')
    await tab.shows(2)
    t.equal(server.connects.length, 5, 'three, one to catch up, one of the new document')
    await settle(server, tab)
    t.equal(server.loads.length, 3)
  })

  t.test('a listener that pauses on the greeting', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.ask('(live.on("message", ({ type }) => { if (type === "hello") live.pause() }), live.reconnect())')
    await until(() => tab.ask('live.state').then(state => state === 'paused'), 'paused')
    await until(() => server.sockets.size === 0, 'no connection')
    t.equal(await tab.ask('live.state'), 'paused')
  })

  t.test('a page in the back/forward cache has no connection, and catches up when it returns', async t => {
    const server = await fakeServer(t)
    const tab = await tabOf(t, server, await page(t))
    await tab.page.clock.install()
    await tab.page.goto(server.url)
    await tab.connected()
    // The headless shell has no such cache: the page is told as it would be.
    const tell = (event: string) => tab.page.evaluate(`dispatchEvent(new PageTransitionEvent("${event}", { persisted: true }))`)
    // A real cache stops timers. The one that connects a page that is long in loading has to be over.
    await timersRun(tab)
    await tell('pagehide')
    await until(() => server.sockets.size === 0, 'connection given up')
    t.equal(await tab.ask('live.state'), 'closed')
    await tab.page.evaluate('document.dispatchEvent(new Event("resume"))')
    await tell('pageshow')
    await tab.connected()
    t.equal(server.connects.length, 2, 'one connection, though it is told twice')
    await tab.snapshot()

    await tell('pagehide')
    server.seq++
    await tell('pageshow')
    await tab.shows(2)
    t.equal(server.loads.length, 2)
  })

  t.test('back to a page that changed meanwhile', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server, '/a')
    await tab.page.goto(`${server.url}/b`)
    await tab.connected()
    server.change()
    await tab.shows(2)
    await tab.page.goBack()
    await until(() => tab.ask('live?.seq').then(seq => seq === 2, () => false), 'up to date')
    await settle(server, tab)
    t.match(new URL(tab.page.url()).pathname, '/a')
  })

  t.test('hidden and frozen tabs', async t => {
    const bare = await bareTab(t)
    if (!bare) throw new Error('this test needs the Chromium that npm brings, or Chrome')
    const server = await fakeServer(t)
    const tab = await tabOf(t, server, bare.page)
    await tab.page.goto(server.url)
    await tab.connected()

    await tab.page.clock.install()
    await bare.hide(true)
    server.change()
    server.change()
    server.send({ type: 'build', state: 'ok', name: 'site' })
    await until(() => tab.ask<number>('live.metrics.messages').then(messages => messages === 4), 'messages come')
    await timersRun(tab)
    t.same([server.loads.length, server.scripts.length], [1, 1], 'a hidden tab waits')
    await bare.hide(false)
    await tab.shows(3)
    t.equal(server.loads.length, 2, 'and reloads once')

    // The timer that connects a page that is long in loading is over.
    await timersRun(tab)
    await bare.hide(true)
    const before = server.connects.length
    // A try that was too slow counts as failed. A page whose timers were late takes its connection for a dead one when it is seen again, and makes another.
    const { attempts, failures } = await tab.ask<{ attempts: number, failures: number }>('({ ...live.metrics })')
    t.ok(before >= 2 && before <= Math.min(attempts, 3 + failures), `one connection for each page, and one for each that is explained: ${before} of ${attempts}`)
    for (const socket of server.sockets) socket.terminate()
    await closed(tab)
    t.equal(server.connects.length, before, 'a hidden tab does not try again')
    await bare.hide(false)
    await connects(server, before + 1)
    await tab.connected()
    await tab.snapshot()

    await bare.freeze(true)
    await until(() => server.sockets.size === 0, 'a frozen page has no connection')
    server.change()
    await bare.freeze(false)
    await tab.shows(4)
    t.equal(server.loads.length, 3)

    server.hello.hidden = 'reload'
    await settle(server, tab)
    await bare.hide(true)
    server.change()
    await tab.shows(6)
    t.equal(server.loads.length, 5, 'a hidden tab that is to reload does')
    await server.kill()
    await server.start()
    await connects(server, server.connects.length + 1)
    t.same(tab.errors.filter(text => !text.includes('WebSocket connection')), [])
  })
}
