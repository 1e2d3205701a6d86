// Reloads beside what else happens to the page: another navigation, a prompt, a loop, a document written anew.
import { test } from 'tap'
import type { ServerMessage } from '../../types/message.js'
import { page } from '../support/browser.js'
import { until } from '../support/wait.js'
import { fakeServer } from './fake-server.js'
import { openScene } from './island.js'
import { openTab, settle, tabOf } from './tab.js'

const PAGE = '<!doctype html><html><head><meta charset="utf-8">TAG<link rel="icon" href="data:,"></head><body>'

test('leaving', { jobs: 3 }, async t => {
  for (const [name, body] of [
    ['a form', '<form method="post" action="/slow"><input name="text"><button>go</button></form>'],
    ['a link', '<a href="/slow">go</a>']
  ] as const) {
    t.test(`a change while ${name} is on its way: the answer is shown, and nothing is sent again`, async t => {
      const server = await fakeServer(t)
      let answer = () => {}
      const held = new Promise<void>(resolve => { answer = resolve })
      server.answer = () => ({ body: PAGE + body })
      const tab = await openTab(t, server)
      await tab.page.route('**/slow', async route => {
        await held
        await route.continue()
      })
      // The page cannot be asked while it waits for the answer.
      await tab.ask('live.on("reload", () => { console.info("wanted") })')
      const asked = tab.page.waitForRequest('**/slow')
      await tab.page.locator('button, a').click({ noWaitAfter: true })
      await asked
      server.change()
      await until(() => tab.log.includes('wanted'), 'the page wants to reload')
      answer()
      await tab.page.waitForURL('**/slow')
      await tab.connected()
      t.same(server.loads.map(load => load.split(' ')[1]), ['/', '/slow'])
      t.equal(await tab.ask('live.seq'), server.seq)
      t.same(tab.errors, [])
    })
  }

  t.test('a change while a download begins: the page reloads after a while', async t => {
    const server = await fakeServer(t)
    server.answer = ({ url }) => url === '/file' ? { headers: { 'content-disposition': 'attachment' }, body: 'file' } : { body: `${PAGE}<a href="/file">file</a>` }
    const tab = await tabOf(t, server, await page(t))
    await tab.page.clock.install()
    await tab.page.goto(server.url)
    await tab.connected()
    const download = tab.page.waitForEvent('download')
    await tab.page.click('a')
    await download
    await tab.ask('live.on("reload", () => { window.wanted = true })')
    server.change()
    await until(() => tab.page.evaluate('window.wanted'), 'the page wants to reload')
    await until(async () => {
      await tab.page.clock.fastForward(2500)
      return tab.ask('live?.seq').then(seq => seq === 2, () => false)
    }, 'it reloads')
  })

  t.test('a prompt that is answered with Stay: the reload is offered, and no later page gets what this one left', async t => {
    const server = await fakeServer(t)
    server.hello.badge = { position: 'top-left' }
    server.answer = () => ({ body: `${PAGE}<form autocomplete="off"><input name="text"></form><script>addEventListener("beforeunload", event => { if (!window.clean) event.preventDefault() })</script>` })
    const { tab, badge } = await openScene(t, server)
    const left = () => tab.page.evaluate<string[]>('Object.keys(sessionStorage)')
    const asked = tab.page.waitForEvent('dialog')
    await tab.page.click('input')
    await tab.page.keyboard.type('old')
    server.change()
    await (await asked).dismiss()
    t.same((await left()).length, 2, 'it was ready to go')
    await badge.shows('note', 'Not reloaded: you stayed')
    t.same(await left(), [])
    await tab.page.evaluate('window.clean = true')
    await badge.click('button')
    await tab.shows(2)
    t.equal(server.loads.length, 2)
  })

  t.test('what a refused reload has left is not for the page of a link', async t => {
    const server = await fakeServer(t)
    const tab = await openTab(t, server)
    server.change()
    await tab.shows(2)
    await tab.page.evaluate('sessionStorage.setItem("live-reload", JSON.stringify([Date.now() + 60000, { step: "e1:2 e1:3", tries: 0, reason: "old", receivedAt: 1, metrics: { reloads: 7 } }])), location.href = "/other"')
    await tab.page.waitForURL('**/other')
    await tab.connected()
    t.equal(await tab.ask('live.metrics.reloads'), 0)
    t.equal(await tab.page.evaluate('sessionStorage.length'), 0)
    t.notOk(tab.log.includes('[live-reload] reload: old'))
  })

  t.test('a page whose request changes a file does not reload forever', async t => {
    const server = await fakeServer(t)
    server.stamp = () => `e1:${server.seq}`
    server.answer = () => {
      // Every page is out of date as soon as it is sent.
      setImmediate(() => {
        server.seq++
        server.changes = [...server.changes, { type: 'reload', seq: server.seq, paths: ['data/visits.json'] } satisfies ServerMessage].slice(-10)
      })
      // On a busy machine a page may take longer than a loop does.
      return { body: PAGE.replace('TAG', '<script>performance.now = () => 100</script>TAG') }
    }
    const tab = await tabOf(t, server, await page(t))
    await tab.page.goto(server.url)
    const text = '[live-reload] Not reloaded: each reload changes data/visits.json'
    await until(() => tab.log.includes(text), 'the reason')
    t.equal(server.loads.length, 11, 'the first page and ten reloads')
    server.answer = () => ({ body: PAGE })
    server.changes = []
    await tab.page.evaluate('performance.now = () => 2000')
    server.change()
    await tab.shows(server.seq)
    await settle(server, tab)
    t.same(tab.errors, [])
  })

  t.test('a document written anew still hears that it is shown, and what the user types', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: `${PAGE}<input name="old">` })
    const tab = await openTab(t, server)
    await tab.page.evaluate('document.open(), document.write(\'<form autocomplete="off"><input name="new" type="password"></form>\'), document.close()')
    await tab.page.evaluate('Object.defineProperty(Document.prototype, "hidden", { value: true, configurable: true })')
    server.change()
    await until(() => tab.ask<number>('live.metrics.messages').then(messages => messages === 2), 'the hidden page knows')
    t.equal(server.loads.length, 1)
    await tab.page.evaluate('Object.defineProperty(Document.prototype, "hidden", { value: false, configurable: true }), document.dispatchEvent(new Event("visibilitychange"))')
    await tab.shows(2)
  })

  t.test('a window that the page has opened and written stays as it is', async t => {
    const server = await fakeServer(t)
    server.answer = () => ({ body: `${PAGE}<h1>text</h1>` })
    const tab = await openTab(t, server)
    const opened = tab.page.waitForEvent('popup')
    await tab.page.evaluate('{ const other = open("", "preview", "width=300,height=300"); other.document.write(document.documentElement.outerHTML); other.document.close() }')
    const preview = await opened
    await until(() => server.scripts.length === 2, 'it has our script')
    await preview.waitForLoadState('load')
    t.equal(await preview.evaluate('"__liveReload" in window'), false)
    await settle(server, tab)
    t.equal(await preview.evaluate('document.querySelector("h1").textContent'), 'text')
  })
})
