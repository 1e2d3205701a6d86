// `client.morph` in real Chromium, with the plugin as users register it.
import { readFileSync, writeFileSync } from 'node:fs'
import fastifyView from '@fastify/view'
import ejs from 'ejs'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient, marker?: boolean } }

const HTML = (head: string, body: string) => `<!doctype html><html><head><meta charset="utf-8"><title>page</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`

async function visit (t: Test, url: string): Promise<{ tab: Page, wrong: string[] }> {
  const tab = await page(t)
  const wrong: string[] = []
  tab.on('pageerror', error => wrong.push(error.message))
  tab.on('console', message => { if (message.type() === 'error') wrong.push(message.text()) })
  await tab.goto(url)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  await tab.evaluate(() => { window.marker = true })
  // What the page is made from is known.
  await tab.waitForFunction(() => performance.getEntriesByType('resource').some(({ name, duration }) => name === location.href.replace(/#.*/, '') && duration > 0))
  return { tab, wrong }
}

const shows = (tab: Page, seq: number) => tab.waitForFunction(seq => window.__liveReload?.seq === seq, seq)

test('a saved page is shown in place, with what was typed in it; a new script is a reload', async t => {
  const { at } = folder(t, { 'index.html': HTML('<script src="app.js"></script>', '<h1>one</h1><input id="i"><details><summary>s</summary>x</details>'), 'app.js': 'document.addEventListener("click", () => {})' })
  const { app, url } = await startApp(t, { root: at(''), client: { morph: true } })
  const { tab, wrong } = await visit(t, url)
  await tab.fill('#i', 'typed')
  await tab.click('summary')
  const applied = new Promise(resolve => app.liveReload.on('applied', resolve))
  writeFileSync(at('index.html'), HTML('<script src="app.js"></script>', '<h1>two</h1><p>new</p><input id="i"><details><summary>s</summary>y</details>'))
  t.match(await applied, { seq: 1, kind: 'update' })
  t.same(await tab.evaluate(() => [window.marker, ...['h1', 'p', 'details'].map(name => document.querySelector(name)?.textContent), document.querySelector('input')?.value, document.querySelector('details')?.open]), [true, 'two', 'new', 'sy', 'typed', true])
  writeFileSync(at('index.html'), HTML('<script src="app.js"></script><script>window.two = 2</script>', '<h1>two</h1>'))
  await tab.waitForFunction('window.two === 2 && window.marker === undefined')
  await shows(tab, 2)
  t.same(wrong, [])
})

test('what a build writes: pages and sheets in one go', async t => {
  const { at, write } = folder(t, { 'src/a.txt': '1' })
  const { app, url } = await startApp(t, {
    root: at('out'),
    client: { morph: true },
    build: {
      source: at('src'),
      builder: () => {
        const text = readFileSync(at('src/a.txt'), 'utf8')
        write('out/index.html', HTML('<link rel="stylesheet" href="a.css">', `<h1>${text}</h1>`))
        write('out/other.html', HTML('', `<h1>${text}</h1>`))
        write('out/a.css', `h1 { color: rgb(${text}, 0, 0) }`)
      }
    }
  })
  const { seq } = app.liveReload.status()
  const { tab } = await visit(t, url)
  writeFileSync(at('src/a.txt'), '2')
  await shows(tab, seq + 1)
  t.same(await tab.evaluate(() => [window.marker, document.querySelector('h1')?.textContent, getComputedStyle(document.querySelector('h1') as Element).color]), [true, '2', 'rgb(2, 0, 0)'])
})

test('templates of the app, with transformers; data beside them is a reload', async t => {
  const { at } = folder(t, { 'views/page.ejs': HTML('', '<p><%= word %></p><input id="i"><div>[made]</div>'), 'views/data.json': '{}' })
  const { url } = await startApp(t, { watch: at('views'), client: { morph: true }, transform: [html => html.replace(/\[(.*?)\]/g, '<em>$1</em>')] }, {
    before: async app => {
      await app.register(fastifyView, { engine: { ejs }, root: at('views'), production: false })
      app.get('/', (_, reply) => reply.viewAsync('page.ejs', { word: 'a' }))
    }
  })
  const { tab, wrong } = await visit(t, url)
  await tab.fill('#i', 'typed')
  writeFileSync(at('views/page.ejs'), HTML('', '<p><%= word %>b</p><input id="i"><b>[c]</b><div>[made, too]</div>'))
  await shows(tab, 1)
  t.same(await tab.evaluate(() => [window.marker, ...['p', 'b', 'div'].map(name => document.querySelector(name)?.innerHTML), document.querySelector('input')?.value]), [true, 'ab', '<em>c</em>', '<em>made, too</em>', 'typed'])
  writeFileSync(at('views/data.json'), '{"a":1}')
  await until(() => tab.evaluate(() => window.marker === undefined && window.__liveReload?.seq === 2).catch(() => false), 'a reload')
  t.same(wrong, [])
})

test('a strict policy with Trusted Types that allows our own connections, and an answer that redirects', async t => {
  const { at } = folder(t, { 'page.ejs': '<p>one</p>' })
  let gone = false
  const { url } = await startApp(t, { watch: at(''), client: { morph: true } }, {
    before: app => {
      app.get('/a/b', (_, reply) => gone
        ? reply.redirect('/c')
        : reply.type('text/html').header('content-security-policy', "default-src 'none'; img-src data:; connect-src 'self'; style-src 'self'; script-src 'nonce-abc' 'strict-dynamic'; require-trusted-types-for 'script'; trusted-types 'none'").send(HTML('<link rel="stylesheet" href="one.css">', readFileSync(at('page.ejs'), 'utf8'))))
      app.get('/a/one.css', (_, reply) => reply.type('text/css').send(''))
      app.get('/a/two.css', (_, reply) => reply.type('text/css').send('p { color: rgb(2, 0, 0) }'))
      app.get('/c', (_, reply) => reply.type('text/html').send(HTML('', '<p>elsewhere</p>')))
    }
  })
  const { tab, wrong } = await visit(t, `${url}/a/b?x=1#y`)
  writeFileSync(at('page.ejs'), '<link rel="stylesheet" href="two.css"><p>two</p>')
  await shows(tab, 1)
  await tab.waitForFunction(() => getComputedStyle(document.querySelector('p') as Element).color === 'rgb(2, 0, 0)')
  t.same(await tab.evaluate(() => [window.marker, document.querySelector('p')?.textContent]), [true, 'two'])
  gone = true
  writeFileSync(at('page.ejs'), '<p>three</p>')
  await tab.waitForURL(/[/]c(?:#y)?$/)
  t.same(wrong, [])
})
