// Changes shown without a reload, in real Chromium, with the plugin as users register it.
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import { applied } from '../../lib/entries/testing/app.js'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient, marker?: boolean } }

const HTML = (head: string, body = '<h1>text</h1>') => `<!doctype html><html><head><meta charset="utf-8"><title>page</title>${head}</head><body>${body}</body></html>`

async function visit (t: Test, url: string): Promise<Page> {
  const tab = await page(t)
  await tab.goto(url)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  await tab.evaluate(() => { window.marker = true })
  return tab
}

const colourOf = (tab: Page) => tab.evaluate(() => getComputedStyle(document.querySelector('h1') as Element).color)

test('a saved style sheet is shown without a reload', async t => {
  const { at } = folder(t, { 'index.html': HTML('<link rel="stylesheet" href="css/style.css">'), 'css/style.css': 'h1 { color: rgb(1, 1, 1) }' })
  const { app, url } = await startApp(t, { root: at('') })
  const tab = await visit(t, url)
  const acknowledged = new Promise(resolve => app.liveReload.on('applied', resolve))
  t.equal(await colourOf(tab), 'rgb(1, 1, 1)')
  writeFileSync(at('css/style.css'), 'h1 { color: rgb(2, 2, 2) }')
  t.match(await acknowledged, { seq: 1, kind: 'update', ms: Number, transport: 'ws' })
  t.equal(await colourOf(tab), 'rgb(2, 2, 2)')
  t.match(await tab.evaluate(() => [window.marker, window.__liveReload?.metrics.updates, window.__liveReload?.metrics.reloads, window.__liveReload?.seq]), [true, 1, 0, 1])
})

test('two tabs on different pages: only the one that uses the file acts', async t => {
  const { at } = folder(t, {
    'index.html': HTML('<script src="one.js"></script><link rel="stylesheet" href="one.css">'),
    'two/index.html': HTML('<script src="/two.js"></script>'),
    'one.js': '1',
    'two.js': '1',
    'one.css': 'h1 { color: rgb(1, 1, 1) }'
  })
  const { app, url } = await startApp(t, { root: at('') })
  const one = await visit(t, url)
  const two = await one.context().newPage()
  await two.goto(`${url}/two/`)
  await two.waitForFunction(() => window.__liveReload?.state === 'open')
  await two.evaluate(() => { window.marker = true })
  const seqOf = (tab: Page) => tab.evaluate(() => window.__liveReload?.seq)
  const look = async (tab: Page) => [await tab.evaluate(() => window.marker === true), await tab.evaluate(() => window.__liveReload?.metrics.updates)]
  const both = async (seq: number) => {
    for (const tab of [one, two]) {
      // A hidden tab waits until it is shown.
      await tab.bringToFront()
      await until(() => seqOf(tab).then(value => value === seq, () => false), `both show ${seq}`)
    }
  }
  writeFileSync(at('one.css'), 'h1 { color: rgb(2, 2, 2) }')
  await both(1)
  t.equal(await colourOf(one), 'rgb(2, 2, 2)')
  t.same([await look(one), await look(two)], [[true, 1], [true, 0]], 'a sheet of the first')
  writeFileSync(at('two.js'), '2')
  await both(2)
  t.same([await look(one), await look(two)], [[true, 1], [false, 0]], 'a script of the second')
  writeFileSync(at('two/index.html'), HTML('<title>new</title>'))
  await both(3)
  t.same(await look(one), [true, 1], 'the other page')
  app.liveReload.reload()
  await both(4)
  t.same(await look(one), [false, 1], 'by hand: everybody')
})

test('a worklet tells no page what it loaded: whatever it is, the page reloads', async t => {
  const { at } = folder(t, {
    'index.html': HTML('', '<script>const audio = new OfflineAudioContext(1, 128, 44100); audio.audioWorklet.addModule("audio.js").then(() => { document.title = "ready" })</script>'),
    'audio.js': 'import "./part.js"',
    'part.js': '1',
    'other.js': '1'
  })
  const { url } = await startApp(t, { root: at(''), client: { css: false } })
  const tab = await visit(t, url)
  const shows = async (seq: number) => {
    await until(() => tab.evaluate(() => document.title === 'ready' && window.__liveReload?.state === 'open' && window.__liveReload.seq).then(value => value === seq, () => false), `the page shows ${seq}`)
    return tab.evaluate(() => window.__liveReload?.metrics.reloads)
  }
  t.equal(await shows(0), 0)
  writeFileSync(at('audio.js'), 'import "./part.js" // 2')
  t.equal(await shows(1), 1)
  writeFileSync(at('part.js'), '2')
  t.equal(await shows(2), 2)
  writeFileSync(at('other.js'), '2')
  t.equal(await shows(3), 2, 'nobody uses it')
})

test('what a tab missed while it was away is an update, too', async t => {
  const { at } = folder(t, { 'index.html': HTML('<link rel="stylesheet" href="style.css">'), 'style.css': 'h1 { color: rgb(1, 1, 1) }' })
  const { app, url } = await startApp(t, { root: at('') })
  const tab = await visit(t, url)
  await tab.evaluate(() => { window.__liveReload?.pause() })
  for (const n of [2, 3]) await applied(app, () => writeFileSync(at('style.css'), `h1 { color: rgb(${n}, ${n}, ${n}) }`))
  await tab.evaluate(() => { window.__liveReload?.resume() })
  await tab.waitForFunction(() => window.__liveReload?.seq === 2)
  t.equal(await colourOf(tab), 'rgb(3, 3, 3)')
  t.match(await tab.evaluate(() => [window.marker, window.__liveReload?.metrics.updates]), [true, 1])
})

test('what a build writes is one batch: only sheets, an update; a page among them, a reload', async t => {
  const { at, write } = folder(t, { 'src/a.txt': '1' })
  const { app, url } = await startApp(t, {
    root: at('out'),
    build: {
      source: at('src'),
      builder: async () => {
        const text = await readFile(at('src/a.txt'), 'utf8')
        write('out/style.css', `h1 { color: rgb(${text}, 0, 0) }`)
        write('out/style.css.map', text)
        if (text === '1' || text === '3') write('out/index.html', HTML('<link rel="stylesheet" href="style.css">', `<h1>${text}</h1>`))
      }
    }
  })
  const { seq } = app.liveReload.status()
  const tab = await visit(t, url)
  const shows = (wanted: number) => tab.waitForFunction(wanted => window.__liveReload?.seq === wanted, wanted)
  writeFileSync(at('src/a.txt'), '2')
  await shows(seq + 1)
  t.same([await colourOf(tab), await tab.evaluate(() => window.marker)], ['rgb(2, 0, 0)', true])
  writeFileSync(at('src/a.txt'), '3')
  await tab.waitForFunction(() => document.querySelector('h1')?.textContent === '3')
  await shows(seq + 2)
  t.same([await colourOf(tab), await tab.evaluate(() => window.marker)], ['rgb(3, 0, 0)', undefined])
})

test('a sheet that the app serves itself, under a strict policy', async t => {
  const { at } = folder(t, { 'assets/css/style.css': '@import "more.css"; h1 { margin: 1px }', 'assets/css/more.css': 'h1 { color: rgb(1, 1, 1) }' })
  const { url } = await startApp(t, { watch: at('assets') }, {
    before: app => {
      app.get('/', (_, reply) => reply.type('text/html').header('content-security-policy', "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; style-src 'nonce-abc' 'self'; require-trusted-types-for 'script'; trusted-types 'none'").send(HTML('<link rel="stylesheet" href="/static/css/style.css" nonce="abc">')))
      app.get('/static/*', async (request, reply) => reply.type('text/css').header('cache-control', 'max-age=3600').send(await readFile(at(`assets/${(request.params as { '*': string })['*']}`))))
    }
  })
  const tab = await page(t)
  const violations: string[] = []
  tab.on('console', message => { if (message.type() === 'error' && !message.text().includes('favicon')) violations.push(message.text()) })
  await tab.goto(url)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  await tab.evaluate(() => { window.marker = true })
  writeFileSync(at('assets/css/more.css'), 'h1 { color: rgb(2, 2, 2) }')
  await tab.waitForFunction(() => window.__liveReload?.seq === 1)
  t.same([await colourOf(tab), await tab.evaluate(() => window.marker)], ['rgb(2, 2, 2)', true])
  writeFileSync(at('assets/css/style.css'), '@import "more.css"; h1 { margin: 2px }')
  await tab.waitForFunction(() => window.__liveReload?.seq === 2)
  t.same([await colourOf(tab), await tab.evaluate(() => getComputedStyle(document.querySelector('h1') as Element).margin), await tab.evaluate(() => window.marker)], ['rgb(2, 2, 2)', '2px', true])
  t.same(violations, [])
})

test("client.css: false, scope: 'all': everything is a reload, and files do not say who they are", async t => {
  const { at } = folder(t, { 'index.html': HTML(''), 'unused.css': '1' })
  const { url } = await startApp(t, { root: at(''), client: { css: false, scope: 'all' } })
  t.equal((await fetch(url)).headers.get('server-timing'), null)
  const tab = await visit(t, url)
  writeFileSync(at('unused.css'), '2')
  await tab.waitForFunction(() => window.marker === undefined && window.__liveReload?.seq === 1)
  t.equal(await tab.evaluate(() => window.__liveReload?.metrics.reloads), 1)
})

test('files say which ones they are, beside what the app says', async t => {
  const { at } = folder(t, { 'a b/index.html': HTML('') })
  const { url } = await startApp(t, { root: { path: at(''), prefix: '/x', setHeaders: reply => { reply.header('x-own', '1') } } }, { before: app => { app.addHook('onRequest', async (_, reply) => { reply.header('server-timing', 'db;dur=5') }) } })
  const said = async (headers: Record<string, string> = {}) => (await fetch(`${url}/x/a%20b/`, { headers })).headers.get('server-timing')
  t.equal(await said(), 'db;dur=5, file;desc="/x/a%20b/index.html"')
  t.equal(await said({ 'sec-fetch-dest': 'iframe' }), 'db;dur=5')
})
