// Cases: several tabs of one browser, one connection.
import type { Test } from 'tap'
import type { ServerMessage } from '../../types/message.js'
import { bareTab } from '../support/bare-browser.js'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { type FakeServer, fakeServer } from './fake-server.js'
import { page as html, site, stays } from './site.js'
import { openTab, settle, type Tab, tabOf } from './tab.js'

/** One more tab of the same browser. */
async function beside (t: Test, server: FakeServer, tab: Tab, path = '/'): Promise<Tab> {
  const other = await tabOf(t, server, await tab.page.context().newPage())
  await other.page.goto(server.url + path)
  await other.connected()
  return other
}

async function tabs (t: Test, server: FakeServer, count: number): Promise<[Tab, Tab, ...Tab[]]> {
  const first = await openTab(t, server)
  const others: Tab[] = []
  for (let i = 1; i < count; i++) others.push(await beside(t, server, first))
  return [first, others[0] as Tab, ...others.slice(1)]
}

const shows = (tab: Tab, seq: number) => until(() => tab.ask('live?.seq').then(value => value === seq, () => false), `shows ${seq}`)
const attempts = (tab: Tab) => tab.ask<number>('live.metrics.attempts')
const hide = (tab: Tab, hidden: boolean) => tab.page.evaluate(`Object.defineProperty(Document.prototype, "hidden", { value: ${hidden}, configurable: true }), document.dispatchEvent(new Event("visibilitychange"))`)

export function sharing (t: Test) {
  for (const transport of ['ws', 'sse'] as const) {
    t.test(`ten tabs over HTTP/1.1, one connection by ${transport}, no tab is starved`, async t => {
      const server = await fakeServer(t)
      server.attributes = ` data-transport="${transport}"`
      const all = await tabs(t, server, 10)
      t.equal(server.connects.length, 1)
      t.same(await Promise.all(all.map(tab => tab.ask('live.connectionType'))), all.map(() => transport))
      server.change()
      for (const tab of all) await shows(tab, 2)
      for (const tab of all) await tab.connected()
      t.equal(server.loads.length, 20, 'each reloads once')
      await until(() => server.heard.filter(({ seq }) => seq === 2).length === 10, 'and each says so')
      await until(() => server.sockets.size === 1, 'still one connection')
      t.equal((await (await fetch(server.url)).text()).includes('page'), true)
    })
  }

  t.test('the one that leads is closed: another one connects', async t => {
    const server = await fakeServer(t)
    const [first, second, third] = await tabs(t, server, 3)
    t.same(await Promise.all([first, second].map(attempts)), [1, 0])
    const began = performance.now()
    await first.page.close()
    await until(() => server.connects.length === 2, 'another connection')
    t.comment(`after ${Math.round(performance.now() - began)} ms`)
    await second.connected()
    await third?.connected()
    t.equal(await attempts(second), 1, 'the one that waited longest')
    await settle(server, second)
    await shows(third as Tab, 2)
    t.equal(server.loads.length, 5)
    t.equal(server.sockets.size, 1)
  })

  t.test('the one that leads goes elsewhere, and comes back', async t => {
    const server = await fakeServer(t)
    const [first, second] = await tabs(t, server, 2)
    await first.page.goto('about:blank')
    await until(() => attempts(second).then(count => count === 1), 'the other leads')
    await first.page.goBack()
    await first.connected()
    t.equal(server.sockets.size, 1)
    await second.snapshot()
    await settle(server, first)
  })

  t.test('who joins late learns what it missed', async t => {
    const server = await fakeServer(t)
    const first = await openTab(t, server)
    await first.ask('(live.on("reload", () => false), 0)')
    server.change()
    server.change()
    await shows(first, 3)
    server.stamp = () => `e1:${server.loads.length === 2 ? 1 : server.seq}`
    const late = await beside(t, server, first)
    await shows(late, 3)
    t.equal(server.loads.length, 3, 'made before, so it reloads once')
    const fresh = await beside(t, server, first)
    await settle(server, fresh)
    t.equal(server.loads.length, 6, 'the late one twice, the fresh one twice')
    t.equal(server.connects.length, 1)
  })

  t.test('who was away and missed updates is updated, whoever leads', async t => {
    const { server, open, save } = await site(t, { '/index.html': html('<link rel=stylesheet href=/a.css>'), '/a.css': '' })
    const first = await open()
    const late = await beside(t, server, first)
    await late.page.evaluate('window.marker = true')
    t.equal(await attempts(late), 0)
    for (let seq = 2; seq < 14; seq++) {
      if (seq === 5) {
        await shows(late, 4)
        await late.ask('live.pause()')
      }
      save({ '/a.css': `h1 { margin: ${seq}px }` })
      await shows(first, seq)
    }
    await late.ask('live.resume()')
    t.equal(await stays(server, late), true)
    t.equal(await late.page.evaluate('getComputedStyle(document.querySelector("h1")).margin'), '13px')
    t.match(await late.ask('live.metrics'), { reloads: 0 })
    t.equal(server.connects.length, 1)
  })

  t.test('what who leads tells does not grow with every change', async t => {
    const server = await fakeServer(t)
    const [first, second] = await tabs(t, server, 2)
    for (const tab of [first, second]) await tab.ask('(live.on("reload", () => false), 0)')
    await second.page.evaluate(`new BroadcastChannel("live-reload ${server.url}/__live/client.js?v=1").onmessage = ({ data }) => { if (data) window.word = JSON.stringify(data) }`)
    const size = async () => {
      const { seq } = server
      for (let i = 0; i < 20; i++) server.change()
      await until(() => second.page.evaluate(`window.word?.includes('"seq":${seq + 20}}]')`), 'told')
      return await second.page.evaluate<number>('window.word.length')
    }
    t.ok(await size() + 50 > await size())
    await shows(second, 41)
  })

  t.test('who joins late learns how the builds are', async t => {
    const server = await fakeServer(t)
    const first = await openTab(t, server)
    const builds = async () => {
      const late = await first.page.context().newPage()
      await late.goto(`${server.url}/favicon.ico`).catch(() => {})
      await late.goto(`${server.url}/__live/health`)
      const heard = await late.evaluate<ServerMessage[]>(`new Promise(resolve => {
        const channel = new BroadcastChannel("live-reload ${server.url}/__live/client.js?v=1")
        channel.onmessage = ({ data }) => { if (data) resolve(data.replay) }
        channel.postMessage(null)
      })`)
      await late.close()
      return heard.map(message => message.type === 'build' ? `${message.state} ${message.name}` : message.type)
    }
    t.same(await builds(), ['hello'])
    for (const [state, name, expected] of [
      ['started', 'a', ['hello', 'started a']],
      ['failed', 'a', ['hello', 'failed a']],
      ['progress', 'b', ['hello', 'failed a', 'progress b']],
      ['ok', 'b', ['hello', 'failed a', 'ok b']],
      ['failed', 'b', ['hello', 'failed a', 'failed b']],
      ['ok', 'a', ['hello', 'failed b', 'ok a']]
    ] as const) {
      const before = await first.ask<number>('live.metrics.messages')
      server.send({ type: 'build', state, name })
      await until(() => first.ask<number>('live.metrics.messages').then(count => count > before), 'heard')
      t.same(await builds(), expected, `${name} ${state}`)
    }
  })

  t.test('a server that does not count is no trouble for who follows', async t => {
    const server = await fakeServer(t)
    const [, second] = await tabs(t, server, 2)
    server.send('{"type":"reload"}')
    await until(() => server.loads.length === 4, 'both reload')
    await settle(server, second)
  })

  t.test('nor for who joins one that did not reload', async t => {
    const server = await fakeServer(t)
    const first = await openTab(t, server)
    await first.ask('(live.on("reload", () => false), 0)')
    const before = await first.ask<number>('live.metrics.messages')
    server.send('{"type":"reload"}')
    await until(() => first.ask<number>('live.metrics.messages').then(count => count > before), 'heard')
    const late = await beside(t, server, first)
    await settle(server, late)
    t.equal(server.loads.length, 3, 'the last change reloads it, nothing else')
  })

  t.test('pause, resume and reconnect are for the tab that is asked', async t => {
    const server = await fakeServer(t)
    const [first, second] = await tabs(t, server, 2)
    await second.ask('live.pause()')
    t.equal(await second.ask('live.state'), 'paused')
    t.equal(server.sockets.size, 1)
    server.change()
    await first.shows(2)
    t.equal(await second.ask('live.seq'), 1)
    await second.ask('live.resume()')
    await shows(second, 2)
    await first.connected()
    await second.connected()

    const [leader, other] = [first, second]
    t.equal(await attempts(other), 0)
    await leader.ask('live.pause()')
    await other.connected()
    t.equal(await leader.ask('live.state'), 'paused')
    await leader.ask('live.resume()')
    await leader.connected()

    await leader.ask('live.reconnect("sse")')
    await until(() => Promise.all([leader, other].map(tab => tab.ask('live.connectionType'))).then(types => types.every(type => type === 'sse')), 'both by SSE')
    await leader.ask('live.reconnect()')
    await until(() => server.tries.filter(name => name === 'sse').length === 2, 'once more')
    await leader.connected()
    await until(() => server.sockets.size === 1, 'one connection')
    await other.page.close()
    await leader.connected()
    t.equal(await leader.ask('live.connectionType'), 'sse', 'what worked for the one that led')
    await settle(server, leader)
  })

  t.test('one that follows and is to connect anew takes it over', async t => {
    const server = await fakeServer(t)
    const [first, second, third] = await tabs(t, server, 3)
    await second.ask('live.reconnect("sse")')
    await until(() => Promise.all([first, second, third as Tab].map(tab => tab.ask('live.state === "open" && live.connectionType'))).then(types => types.every(type => type === 'sse')), 'all by SSE')
    await until(() => server.sockets.size === 1, 'one connection')
    t.same(await Promise.all([first, second].map(attempts)), [1, 1])
    await settle(server, third as Tab)
    await shows(first, 2)
    t.equal(server.loads.length, 6)
  })

  t.test('one that is hidden, and two are seen: one connection in the end', async t => {
    const server = await fakeServer(t)
    const [first, second, third] = await tabs(t, server, 3)
    await hide(first, true)
    await until(async () => await attempts(second) + await attempts(third as Tab) > 0, 'one that is seen leads')
    await hide(first, false)
    for (const tab of [first, second, third as Tab]) await tab.connected()
    await until(() => server.sockets.size === 1, 'one connection')
    server.change()
    for (const tab of [first, second, third as Tab]) await shows(tab, 2)
    t.equal(server.loads.length, 6)
    await until(() => server.sockets.size === 1, 'still one')
  })

  t.test('one that is hidden hands over to one that is seen', async t => {
    const server = await fakeServer(t)
    const [first, second] = await tabs(t, server, 2)
    await hide(first, true)
    await until(() => attempts(second).then(count => count === 1), 'the one that is seen leads')
    await second.connected()
    await first.connected()
    await until(() => server.sockets.size === 1, 'one connection')
    await hide(second, true)
    const heard = await first.ask<number>('live.metrics.messages')
    server.send({ type: 'custom', event: 'any' })
    await until(() => first.ask<number>('live.metrics.messages').then(count => count > heard), 'the one that leads says that it is hidden')
    // A lock that was asked for before is there before this one.
    await first.page.evaluate('navigator.locks.request("after", () => {})')
    t.same([await attempts(first), server.connects.length], [1, 2], 'when nobody is seen it stays')
    await hide(first, false)
    await until(() => server.connects.length === 3, 'the one that is shown leads')
    await first.connected()
    await until(() => attempts(first).then(count => count === 2), 'again')
    await second.connected()
    server.change()
    await first.shows(2)
    t.equal(await second.ask('live.seq'), 1, 'hidden tabs wait')
    await hide(second, false)
    await shows(second, 2)
    t.equal(server.loads.length, 4)
  })

  t.test('hidden tabs that are to reload stay in the queue', async t => {
    const server = await fakeServer(t)
    server.hello.hidden = 'reload'
    const [first, second] = await tabs(t, server, 2)
    await hide(first, true)
    await until(() => attempts(second).then(count => count === 1), 'the one that is seen leads')
    await first.connected()
    await first.snapshot()
    await second.page.close()
    await until(() => server.connects.length === 3, 'the hidden one leads')
    server.change()
    await shows(first, 2)
  })

  t.test('one that is frozen gives up, and follows when it thaws', async t => {
    const bare = await bareTab(t)
    if (!bare) throw new Error('this test needs the Chromium that npm brings, or Chrome')
    const server = await fakeServer(t)
    const first = await tabOf(t, server, bare.page)
    await first.page.goto(server.url)
    await first.connected()
    const second = await beside(t, server, first)
    t.equal(await attempts(second), 0)
    const began = performance.now()
    await bare.freeze(true)
    await until(() => server.connects.length === 2, 'the other connects')
    t.comment(`after ${Math.round(performance.now() - began)} ms`)
    await second.connected()
    await until(() => server.sockets.size === 1, 'the frozen one has no connection')
    server.change()
    await second.shows(2)
    await bare.freeze(false)
    await shows(first, 2)
    await until(() => server.sockets.size === 1, 'one connection')
    t.equal(server.loads.length, 4)
  })

  t.test('one that hangs is passed over, and gives way when it wakes', async t => {
    const server = await fakeServer(t)
    const [first, second] = await tabs(t, server, 2)
    const asked = first.page.waitForEvent('dialog')
    const hung = first.page.evaluate('alert("the page stands still")')
    const dialog = await asked
    await until(() => attempts(second).then(count => count === 1), 'the other one takes it')
    await second.connected()
    t.equal(server.sockets.size, 2)
    await dialog.accept()
    await hung
    await until(() => server.sockets.size === 1, 'the one that hung lets go')
    await first.connected()
    await first.snapshot()
    server.change()
    await shows(first, 2)
    await shows(second, 2)
    t.equal(server.loads.length, 4)
  })

  t.test('the server restarts under twenty tabs: each reloads exactly once', async t => {
    const server = await fakeServer(t)
    const all = await tabs(t, server, 20)
    await server.kill()
    server.epoch = 'e2'
    server.seq = 0
    await until(() => all[0].ask<number>('live.metrics.failures').then(failures => failures > 2), 'vain tries')
    await server.start()
    for (const tab of all) await until(() => tab.ask('live?.epoch === "e2" && live.state === "open"').catch(() => false), 'the new page')
    await until(() => server.heard.length === 20, 'each says so')
    t.equal(server.loads.length, 40)
    await until(() => server.sockets.size === 1, 'one connection')
    t.same(await Promise.all(all.map(tab => tab.ask('live.metrics.reloads'))), all.map(() => 1))
    t.notOk(server.tries.includes('sse'))
  })

  for (const [name, script] of [
    ['locks', 'Object.defineProperty(Navigator.prototype, "locks", { value: undefined })'],
    ['channels', 'delete window.BroadcastChannel'],
    ['channels that open', 'window.BroadcastChannel = class { constructor () { throw new DOMException("", "SecurityError") } }']
  ] as const) {
    t.test(`without ${name} each tab connects alone`, async t => {
      const server = await fakeServer(t)
      const first = await tabOf(t, server, await page(t))
      await first.page.context().addInitScript(script)
      await first.page.goto(server.url)
      await first.connected()
      const second = await beside(t, server, first)
      t.equal(server.sockets.size, 2)
      await second.ask('live.pause()')
      await until(() => server.sockets.size === 1, 'one paused')
      await second.ask('live.resume()')
      await second.connected()
      await second.ask('live.reconnect()')
      await until(() => server.connects.length === 4, 'again')
      await settle(server, first)
      await shows(second, 2)
      t.equal(server.loads.length, 4)
    })
  }
}
