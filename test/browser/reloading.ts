// Cases: what makes a page reload, how often, and what it keeps.
import type { Test } from 'tap'
import type { ServerMessage } from '../../types/message.js'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { fakeServer } from './fake-server.js'
import { openTab, settle, tabOf } from './tab.js'

const LONG = '<!doctype html><html><head>TAG</head><body><div style="height:5000px;width:3000px">long</div></body></html>'

export function reloading (t: Test) {
  t.test('a message reloads the page once, and the page says so', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.change()
    await tab.shows(2)
    await settle(server, tab)
    t.equal(server.loads.length, 3, 'one load per change')
    t.same(server.heard.map(({ type, seq, kind }) => ({ type, seq, kind })), [2, 3].map(seq => ({ type: 'applied', seq, kind: 'reload' })))
    t.ok(server.heard.every(({ ms }) => ms >= 0 && ms < 20_000))
    t.match(await tab.ask('({ ...live.metrics })'), { attempts: 3, successes: 3, failures: 0, fallbacks: 0, reloads: 2, updates: 0 }, 'counted over reloads')
    t.equal(await tab.ask('live.metrics.lastLatency'), server.heard[1]?.ms)
    t.same(server.connects.map(query => [query.get('at'), query.get('token')]), [1, 2, 3].map(seq => [`e1:${seq}`, 'secret']))
    t.same(tab.errors, [])
    t.equal(await tab.page.evaluate('sessionStorage.length'), 0, 'nothing is left behind')
  })

  t.test('a page that was reloaded has what the next reload needs', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    const has = () => tab.page.evaluate("performance.getEntriesByType('resource').some(({ name }) => name.includes('/more.js'))")
    t.equal(await has(), false, 'one that was opened has not')
    server.change()
    await tab.shows(2)
    await until(has, 'it is fetched before the next change')
    t.same(tab.errors, [])
  })

  t.test('a burst of messages is one reload', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    for (let i = 0; i < 20; i++) server.change()
    await tab.shows(21)
    await settle(server, tab)
    t.equal(server.loads.length, 3)
  })

  t.test('messages that keep coming do not keep the page from reloading', async t => {
    const server = await fakeServer(t)
    server.hello.debounce = 400
    const tab = await openTab(t, server)
    const steady = setInterval(() => server.change(), 50)
    t.teardown(async () => clearInterval(steady))
    await until(() => server.loads.length >= 3, 'reloads in between')
    clearInterval(steady)
    await until(() => tab.ask('live?.seq').then(seq => seq === server.seq, () => false), 'the last change')
    t.same(tab.errors, [])
  })

  t.test('a change that happened before the page connected is caught up', async t => {
    const server = await fakeServer(t)
    server.stamp = () => `e1:${server.loads.length === 1 ? 1 : server.seq}`
    server.seq = 5
    const tab = await openTab(t, server)
    await tab.shows(5)
    await settle(server, tab)
    t.equal(server.loads.length, 3)
  })

  t.test('a message about what the page shows already is nothing', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.send({ type: 'reload', seq: 1 })
    await settle(server, tab)
    t.equal(server.loads.length, 2)
  })

  t.test('an update is a reload as long as nothing else shows it', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.ask('live.on("update", ({ seq }) => seq !== 2)')
    for (const seq of [2, 3]) {
      server.seq = seq
      server.send({ type: 'update', seq, updates: [{ kind: 'css', path: '/a.css' }] })
      await until(() => tab.ask('live.seq').then(value => value === seq, () => false), `shows ${seq}`)
      t.equal(server.loads.length, seq - 1)
    }
  })

  t.test('without the module that shows updates they are reloads', async t => {
    const server = await fakeServer(t)
    server.broken.more = 404
    server.answer = () => ({ headers: { 'server-timing': 'file;desc="/index.html"' } })
    const tab = await openTab(t, server)
    server.seq++
    server.send({ type: 'reload', seq: server.seq, files: ['/other.js'] })
    await tab.shows(server.seq)
    t.equal(server.loads.length, 2)
    t.ok(server.scripts.includes('/__live/more.js?v=1'))
  })

  t.test('junk is nothing', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    for (const junk of ['', '{', 'null', '7', '"reload"', '[]', '{"type":"reloading"}', '{"type":7}', '{"__proto__":{"type":"reload"}}', '[{"type":"reload"}]']) server.send(junk)
    await settle(server, tab)
    t.equal(server.loads.length, 2)
    t.same(tab.errors, [])
  })

  t.test('a ten-line server need not count', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.send('{"type":"reload"}')
    await until(() => server.loads.length === 2, 'reload without seq')
    await settle(server, tab)
  })

  t.test('a page that a cache keeps is not reloaded forever', async t => {
    const server = await fakeServer(t)
    server.seq = 4
    server.stamp = () => server.seq === 4 ? 'e1:1' : `e1:${server.seq}`
    const tab = await openTab(t, server)
    await until(() => tab.log.some(text => text.includes('cache')), 'the reason in the console')
    await settle(server, tab)
    t.equal(server.loads.length, 3, 'first load, one vain reload, the next change')
  })

  t.test('a reload the user refuses is not asked for again until the next change', async t => {
    const server = await fakeServer(t)
    const tab = await tabOf(t, server, await page(t))
    await tab.page.clock.install()
    await tab.page.goto(server.url)
    await tab.connected()
    let accept = false
    tab.page.on('dialog', dialog => accept ? dialog.accept() : dialog.dismiss())
    await tab.page.evaluate('addEventListener("beforeunload", event => event.preventDefault())')
    await tab.page.mouse.click(5, 5)
    const asked = tab.page.waitForEvent('dialog')
    server.change()
    await asked
    await until(() => tab.ask('live.state').then(state => state === 'open'), 'the page still connected')
    t.equal(server.loads.length, 1)
    accept = true
    server.change()
    await tab.page.clock.fastForward(11_000)
    await tab.shows(3)
  })

  t.test('handlers', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    await tab.ask(`(window.seen = [],
      live.on("message", ({ type }) => { window.seen.push(type) }),
      live.on("build", ({ name }) => { window.seen.push(name); throw new Error("theirs") }),
      window.undo = live.on("reload", ({ seq, paths }) => { window.seen.push(seq, paths); return false }), 0)`)
    const build: ServerMessage = { type: 'build', state: 'ok', name: 'site' }
    server.send(build)
    server.seq = 2
    server.send({ type: 'reload', seq: 2, paths: ['a.html'] })
    await until(() => tab.ask<number>('live.seq').then(seq => seq === 2), 'the handler answers for the change')
    t.same(await tab.page.evaluate('window.seen'), ['build', 'site', 'reload', 2, ['a.html']])
    t.same(tab.errors, ['theirs'])
    await tab.ask('window.undo()')
    await settle(server, tab)
    t.equal(server.loads.length, 2, 'only the change nobody cancelled')
  })

  for (const [name, body, late] of [
    ['a long page', LONG, ''],
    ['a streamed page', [LONG.replace('long</div></body></html>', ''), 'long</div>', '</body></html>'], ''],
    ['a streamed page that grows', ['<!doctype html><head>TAG</head><body>', '<div style="height:1000px">', '</div>', '<div style="height:4000px;width:3000px">', '</div></body>'], ''],
    ['a page written by a script after it loaded', '<!doctype html><html><head>TAG</head><body></body></html>', 'grow']
  ] as const) {
    t.test(`scroll position: ${name}`, async t => {
      const server = await fakeServer(t)
      server.answer = () => ({ body })
      const tab = await openTab(t, server)
      if (late) {
        await tab.page.addInitScript(`addEventListener("load", () => setTimeout(() => {
          const div = document.createElement("div"); div.style.height = "5000px"; div.style.width = "3000px"; document.body.append(div)
        }, 50))`)
        await tab.page.reload()
        await tab.page.waitForFunction('document.documentElement.scrollHeight > 4000')
        await tab.connected()
      }
      await tab.page.evaluate('scrollTo(300, 2500)')
      server.change()
      await tab.shows(2)
      await tab.page.waitForFunction('scrollY === 2500 && scrollX === 300')
    })
  }

  t.test('scroll position: left alone when the user moves first', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: server.loads.length === 1 ? LONG : LONG.replace(/<div.*div>/, '') })
    const tab = await openTab(t, server)
    await tab.page.evaluate('scrollTo(0, 2500)')
    server.change()
    await tab.shows(2)
    await tab.page.waitForLoadState('load')
    await tab.page.keyboard.press('ArrowDown')
    await tab.page.evaluate(`new Promise(resolve => {
      document.body.style.height = "5000px"
      requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    })`)
    t.ok(await tab.page.evaluate<number>('scrollY') < 2500)
  })

  t.test('scroll position: left alone when the page minds it', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: LONG })
    const tab = await openTab(t, server)
    await tab.page.addInitScript('history.scrollRestoration = "manual"')
    await tab.page.evaluate('scrollTo(0, 2500)')
    server.change()
    await tab.shows(2)
    await tab.page.waitForLoadState('load')
    t.equal(await tab.page.evaluate('scrollY'), 0)
  })
}
