// Cases: which transport carries the messages, and when the page leaves it for the other.
import type { Test } from 'tap'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { type FakeServer, fakeServer } from './fake-server.js'
import { openTab, settle, type Tab, tabOf } from './tab.js'

const type = (tab: Tab) => tab.ask('live.connectionType')
const fallbacks = (tab: Tab) => tab.ask<number>('live.metrics.fallbacks')
const told = (tab: Tab) => tab.log.filter(text => text.includes('fallback from'))

/** A page whose clock the test turns. */
async function clocked (t: Test, server: FakeServer): Promise<Tab> {
  const tab = await tabOf(t, server, await page(t))
  await tab.page.clock.install()
  await tab.page.goto(server.url)
  return tab
}

export function choosing (t: Test) {
  t.test('SSE, when it is the only one allowed', async t => {
    const server = await fakeServer(t)
    server.attributes = ' data-transport="sse"'
    const tab = await openTab(t, server)
    t.equal(await type(tab), 'sse')
    await settle(server, tab)
    t.match(server.heard, [{ type: 'applied', seq: 2, kind: 'reload' }], 'it answers by POST')
    t.same(server.connects.map(query => [query.get('at'), query.get('token')]), [1, 2].map(seq => [`e1:${seq}`, 'secret']))

    await tab.ask('(window.states = [], live.on("state", state => { window.states.push(state) }), 0)')
    for (const socket of server.sockets) socket.terminate()
    await until(() => server.connects.length === 3, 'it comes back')
    await tab.connected()
    t.same(await tab.page.evaluate('window.states'), ['connecting', 'open'])
    const before = await tab.ask<number>('live.metrics.messages')
    server.send({ type: 'build', state: 'ok', name: 'site' })
    for (const junk of ['', 'null', '7', '[]', '{', '{}}', '"reload"']) server.send(junk)
    server.send({ type: 'closing' })
    await until(() => server.connects.length === 4, 'and again')
    await tab.connected()
    t.equal(await tab.ask('live.metrics.messages'), before + 3, 'what is none is nothing')
    await settle(server, tab)
    t.equal(server.loads.length, 3)
    t.notOk(server.tries.includes('ws'))
  })

  t.test('a ten-line server on the stream need not count', async t => {
    const server = await fakeServer(t)
    server.attributes = ' data-transport="sse"'
    const tab = await openTab(t, server)
    server.send('{"type":"reload"}')
    await until(() => server.loads.length === 2, 'reload without seq')
    await settle(server, tab)
  })

  t.test('upgrades that are swallowed: SSE after three seconds', async t => {
    const server = await fakeServer(t)
    server.mute = 'ws'
    const tab = await tabOf(t, server, await page(t))
    await tab.page.clock.install()
    await tab.page.addInitScript('const Own = WebSocket; window.WebSocket = class extends Own { constructor (...given) { window.opened ??= Date.now(); super(...given) } }')
    await tab.page.goto(server.url)
    await tab.page.evaluate('window.fell = [], window.__liveReload.on("fallback", fallback => { window.fell.push({ ...fallback, at: Date.now() }) }), 0')
    await until(() => server.tries.length === 1, 'WebSocket first')
    t.equal(await type(tab), null)
    await tab.page.clock.runFor(3100)
    await tab.connected()
    t.same(server.tries, ['ws', 'sse'])
    t.equal(await type(tab), 'sse')
    const [{ at, ...fallback } = { at: 0 }, ...more] = await tab.page.evaluate<{ at: number }[]>('window.fell')
    t.same([fallback, ...more], [{ from: 'ws', to: 'sse', reason: 'timeout' }])
    // By the page's clock, which goes on by itself however busy the machine is.
    t.ok(at - await tab.page.evaluate<number>('window.opened') >= 2999)
    t.match(told(tab)[0], /fallback from ws: timeout/)
  })

  t.test('the time it has is an option', async t => {
    const server = await fakeServer(t)
    server.mute = 'ws'
    // A busy machine opens a socket within it.
    server.attributes = ' data-timeout="1000"'
    const tab = await openTab(t, server)
    t.same(server.tries, ['ws', 'sse'])
    t.equal(await fallbacks(tab), 1)
  })

  t.test('a transport that is forced is never left', async t => {
    const server = await fakeServer(t)
    server.attributes = ' data-transport="ws"'
    server.refuse = 'ws'
    const tab = await tabOf(t, server, await page(t))
    await tab.page.goto(server.url)
    await until(() => server.tries.length > 5, 'tries')
    t.notOk(server.tries.includes('sse'))
    server.refuse = false
    await tab.connected()
    t.equal(await type(tab), 'ws')
    t.equal(await fallbacks(tab), 0)
  })

  t.test('both refused: in turns, with pauses, and the first that opens is no fallback from itself', async t => {
    const server = await fakeServer(t)
    server.refuse = true
    const tab = await tabOf(t, server, await page(t))
    await tab.page.goto(server.url)
    await until(() => server.tries.length >= 6, 'tries')
    t.same(server.tries.slice(0, 6), ['ws', 'sse', 'ws', 'sse', 'ws', 'sse'])
    t.equal(await fallbacks(tab), 0)
    server.refuse = 'sse'
    await tab.connected()
    t.equal(await type(tab), 'ws')
    t.equal(await fallbacks(tab), 0)
    t.equal(told(tab).length, 0)
  })

  t.test('a server that is down is no reason to change, however long', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await server.kill()
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures > 5), 'vain tries')
    await server.start()
    await tab.connected()
    t.equal(await type(tab), 'ws')
    t.notOk(server.tries.includes('sse'))
    t.equal(await fallbacks(tab), 0)
  })

  t.test('nor is a server that answers nothing at all', async t => {
    const server = await fakeServer(t)
    server.mute = 'ws'
    server.silent = true
    const tab = await clocked(t, server)
    await until(() => server.tries.length === 1, 'WebSocket first')
    await tab.page.clock.runFor(3100)
    server.mute = false
    await tab.page.clock.runFor(5100)
    await until(async () => { await tab.page.clock.runFor(100); return await tab.ask('live.state === "open"') }, 'open')
    t.same(server.tries, ['ws', 'ws'])
    t.equal(await type(tab), 'ws')
  })

  t.test('HTTP/3 that goes dark: the question for the server would, too, so WebSocket is tried at once', async t => {
    const server = await fakeServer(t)
    server.mute = 'sse'
    server.silent = true
    // A busy machine opens a socket within it.
    server.attributes = ' data-timeout="1000"'
    const tab = await tabOf(t, server, await page(t))
    await tab.page.addInitScript('Object.defineProperty(PerformanceResourceTiming.prototype, "nextHopProtocol", { value: "h3" })')
    await tab.page.goto(server.url)
    await tab.connected()
    t.same(server.tries, ['sse', 'ws'])
    t.equal(await type(tab), 'ws')
    t.match(told(tab)[0], /fallback from sse: timeout/)
  })

  t.test('HTTP/3 that goes dark under a page that listens: QUIC gives up slowly, and WebSocket is tried at once', async t => {
    const server = await fakeServer(t)
    const tab = await tabOf(t, server, await page(t))
    await tab.page.addInitScript('Object.defineProperty(PerformanceResourceTiming.prototype, "nextHopProtocol", { value: "h3" })')
    await tab.page.goto(server.url)
    await tab.connected()
    t.equal(await type(tab), 'sse')
    server.silent = true
    await tab.page.route('**/events?*', async route => {
      await new Promise(resolve => setTimeout(resolve, 2200)) // A browser gives up QUIC late: the lateness is what is tested.
      await route.abort()
    })
    for (const socket of server.sockets) socket.terminate()
    await until(() => type(tab).then(name => name === 'ws'), 'WebSocket')
    t.same(server.tries, ['sse', 'ws'])
    t.match(told(tab)[0], /fallback from sse: failed/)
    t.equal(server.loads.length, 1)
  })

  t.test('what worked before is left after some failures, not after one', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.refuse = 'ws'
    for (const socket of server.sockets) socket.terminate()
    await until(() => type(tab).then(name => name === 'sse'), 'SSE')
    t.ok(server.tries.length > 4, server.tries.join(' '))
    t.equal(server.tries.at(-1), 'sse')
    t.equal(await fallbacks(tab), 1)
    server.refuse = 'sse'
    for (const socket of server.sockets) socket.terminate()
    await until(() => type(tab).then(name => name === 'ws'), 'and back')
    t.equal(await fallbacks(tab), 2)
    t.equal(told(tab).length, 2, 'the console is told each time')
    t.equal(server.loads.length, 1)
  })

  t.test('gone from a page that is stopped while it asks', async t => {
    const server = await fakeServer(t)
    server.refuse = 'ws'
    server.silent = true
    const tab = await tabOf(t, server, await page(t))
    await tab.page.goto(server.url)
    await until(() => tab.ask<number>('live.metrics.failures').then(failures => failures === 1, () => false), 'refused')
    await tab.ask('live.pause()')
    server.silent = false
    server.refuse = false
    await tab.ask('live.resume()')
    await tab.connected()
    t.same(server.tries, ['ws', 'ws'])
  })

  t.test('by hand', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    for (const [name, expected] of [['"sse"', 'sse'], ['', 'sse'], ['"ws"', 'ws'], ['"junk"', 'ws']] as const) {
      const before = server.connects.length
      await tab.ask(`live.reconnect(${name})`)
      await until(() => server.connects.length > before, name)
      await tab.connected()
      t.equal(await type(tab), expected)
      t.equal(server.sockets.size, 1, 'never both')
    }
    await tab.ask('live.pause()')
    await tab.ask('live.reconnect("sse")')
    await tab.connected()
    t.equal(await type(tab), 'sse')
    t.equal(await fallbacks(tab), 0)
    t.equal(server.loads.length, 1)
  })

  t.test('a fallback that the server asks for is reported to it, and kept', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    const forced = (transport: string) => server.send(`{"type":"reconnect","transport":"${transport}"}`)
    forced('junk')
    forced('ws')
    forced('sse')
    await until(() => server.fell.length === 1, 'told')
    await tab.connected()
    t.same(server.tries, ['ws', 'sse'], 'nothing to do for the first two')
    t.equal(server.sockets.size, 1, 'never both')
    forced('ws')
    await until(() => server.fell.length === 2, 'told by a socket, too')
    t.same(server.fell, [{ type: 'fallback', from: 'ws', to: 'sse', reason: 'forced' }, { type: 'fallback', from: 'sse', to: 'ws', reason: 'forced' }])
    t.equal(await fallbacks(tab), 2)
    t.same(told(tab), ['[live-reload] fallback from ws: forced', '[live-reload] fallback from sse: forced'])
    t.equal(server.loads.length, 1, 'nothing is reloaded')

    server.refuse = 'sse'
    forced('sse')
    await until(() => server.tries.length > 3, 'tried in vain')
    await until(() => server.sockets.size === 1, 'and back')
    await tab.connected()
    t.equal(await type(tab), 'ws')
    t.equal(server.fell.length, 2)
    await tab.snapshot()
    server.change()
    await tab.shows(2)
  })

  t.test('on demand: a transport that is forced stays, and tabs that share move once', async t => {
    const server = await fakeServer(t)
    server.attributes = ' data-transport="ws"'
    const held = await openTab(t, server)
    server.send('{"type":"reconnect","transport":"sse"}')
    await settle(server, held)
    t.equal(await type(held), 'ws')
    await held.page.close()

    server.attributes = ''
    const first = await openTab(t, server)
    const second = await tabOf(t, server, await first.page.context().newPage())
    await second.page.goto(server.url)
    await second.connected()
    const before = server.tries.length
    server.send('{"type":"reconnect","transport":"sse"}')
    await until(() => server.fell.length === 1, 'told')
    await until(async () => await type(first) === 'sse' && await type(second) === 'sse', 'both')
    server.change()
    await until(() => server.heard.filter(({ seq }) => seq === server.seq).length === 2, 'both reload')
    t.equal(server.fell.length, 1)
    t.equal(server.tries[before], 'sse')
  })
}
