// Every transport the whole way: with the plugin as users register it, real Chromium, and clients nobody here wrote.
import { readFileSync, writeFileSync } from 'node:fs'
import { EventSource } from 'eventsource'
import type { FastifyServerOptions } from 'fastify'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { test, type Test } from 'tap'
import { applied } from '../../lib/entries/testing/app.js'
import type { LiveReloadClient } from '../../types/client.js'
import type { LiveReloadOptions } from '../../types/options.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { certificate } from '../support/certificate.js'
import { fallsInTime, MEASURE, measured } from '../support/falling.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { plainProxy } from '../support/proxy.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const shows = (tab: Page, text: string) => tab.waitForFunction(wanted => document.title === wanted && window.__liveReload?.state === 'open', text)
const type = (tab: Page) => tab.evaluate(() => window.__liveReload?.connectionType)
const protocol = (tab: Page) => tab.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).nextHopProtocol)

interface Case {
  readonly name: string
  readonly server?: object
  readonly client?: LiveReloadOptions['client']
  readonly protocol: string
  readonly transport: 'ws' | 'sse'
}

const tls = (http2: boolean, allowHTTP1: boolean) => ({ https: { ...certificate, allowHTTP1 }, ...http2 && { http2 } })
const cases: Case[] = [
  { name: 'HTTP/1.1', protocol: 'http/1.1', transport: 'ws' },
  { name: 'HTTP/1.1, SSE forced', client: { transport: 'sse' }, protocol: 'http/1.1', transport: 'sse' },
  { name: 'HTTPS over HTTP/1.1', server: tls(false, true), protocol: 'http/1.1', transport: 'ws' },
  { name: 'HTTP/2', server: tls(true, true), protocol: 'h2', transport: 'sse' },
  { name: 'HTTP/2 and nothing older', server: tls(true, false), protocol: 'h2', transport: 'sse' },
  { name: 'HTTP/2, WebSocket forced', server: tls(true, true), client: { transport: 'ws' }, protocol: 'h2', transport: 'ws' }
]

async function visit (t: Test, url: string, options: BrowserContextOptions = {}): Promise<{ tab: Page, loads: () => number }> {
  const tab = await page(t, { ignoreHTTPSErrors: true, ...options })
  let loads = 0
  tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
  await tab.goto(url)
  await tab.waitForFunction(() => window.__liveReload?.state === 'open')
  return { tab, loads: () => loads }
}

for (const { name, server, client, protocol: expected, transport } of cases) {
  test(`${name}: ${transport}, a save reloads, by itself and caught up`, async t => {
    const { at } = folder(t, { 'index.html': html('before') })
    const { app, port } = await startApp(t, { root: at(''), ...client && { client } }, { server: (server ?? {}) as FastifyServerOptions })
    const { tab, loads } = await visit(t, `${server ? 'https' : 'http'}://localhost:${port}/`)
    t.equal(await protocol(tab), expected)
    t.equal(await type(tab), transport)
    t.match(app.liveReload.connections(), [{ transport }])
    const acknowledged = new Promise(resolve => app.liveReload.on('applied', resolve))
    writeFileSync(at('index.html'), html('after'))
    await shows(tab, 'after')
    t.match(await acknowledged, { seq: 1, kind: 'reload', transport })
    t.equal(await type(tab), transport)

    await tab.evaluate(() => window.__liveReload?.pause())
    await until(() => app.liveReload.clients === 0, 'gone')
    await applied(app, () => writeFileSync(at('index.html'), html('later')))
    await tab.evaluate(() => window.__liveReload?.resume())
    await shows(tab, 'later')
    t.equal(loads(), 3)
    t.equal(await tab.evaluate(() => window.__liveReload?.metrics.fallbacks), 0)
  })
}

test('HTTP/2: both transports by hand on the same page', async t => {
  const { at } = folder(t, { 'index.html': html('before') })
  const { app, port } = await startApp(t, { root: at('') }, { server: tls(true, true) as FastifyServerOptions })
  const { tab } = await visit(t, `https://localhost:${port}/`)
  await tab.evaluate(() => window.__liveReload?.reconnect('ws'))
  await tab.waitForFunction(() => window.__liveReload?.connectionType === 'ws')
  await until(() => app.liveReload.connections().length === 1, 'one connection')
  writeFileSync(at('index.html'), html('after'))
  await shows(tab, 'after')
  t.equal(await type(tab), 'sse', 'the next page chooses again')
})

for (const swallow of [false, true]) {
  test(`behind a proxy that ${swallow ? 'swallows upgrades: SSE within 3.5 s' : 'refuses upgrades: SSE'}`, async t => {
    const { at } = folder(t, { 'index.html': html('before') })
    const { app, port } = await startApp(t, { root: at('') })
    const near = await plainProxy(t, port, swallow)
    const open = async () => {
      const tab = await page(t)
      await tab.addInitScript(`{
        const Native = WebSocket
        window.WebSocket = class extends Native {
          constructor (url) {
            super(url)
            ${MEASURE}
          }
        }
      }`)
      await tab.goto(`http://127.0.0.1:${near}/`)
      await tab.waitForFunction(() => window.__liveReload?.state === 'open')
      return { tab, fall: await measured(tab) }
    }
    const { tab, fall } = swallow ? await fallsInTime(t, open) : await open()
    if (!swallow) t.ok(fall.took < 2000, 'without waiting for the time to run out')
    t.equal(await type(tab), 'sse')
    t.equal(await tab.evaluate(() => window.__liveReload?.metrics.fallbacks), 1)
    const acknowledged = new Promise(resolve => app.liveReload.on('applied', resolve))
    writeFileSync(at('index.html'), html('after'))
    await shows(tab, 'after')
    t.equal(await type(tab), 'sse', 'the next page knows')
    t.match(await acknowledged, { seq: 1, transport: 'sse' }, 'the answer passes the gate, too: its Origin is the proxy')
  })
}

test('a WebSocket and an EventSource that know only `reload` hear of a save', async t => {
  const { at } = folder(t, { 'index.html': html('before') })
  const { app, port, tab } = await startApp(t, { root: at('') })
  const socket = await tab()
  const source = new EventSource(`http://localhost:${port}/__live/events`)
  t.teardown(() => source.close())
  let reloads = 0
  source.addEventListener('reload', () => { reloads++ })
  await until(() => app.liveReload.clients === 2, 'two clients')
  writeFileSync(at('index.html'), html('after'))
  await until(() => socket.reloads() === 1 && reloads === 1, 'both hear of it')
  t.equal(app.liveReload.clients, 2)
})

test('the clients in JavaScript from the documentation', async t => {
  const codes = [...readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8').matchAll(/^```js\n([\s\S]*?)^```/gm)].map(([, code]) => code as string)
  for (const [i, sign] of ['EventSource', 'WebSocket'].entries()) {
    const code = codes[i] as string
    t.match(code, sign)
    const { at } = folder(t, { 'index.html': html('before').replace('</head>', `<script>${code}</script></head>`) })
    const { app, port } = await startApp(t, { root: at(''), inject: false })
    const tab = await page(t)
    await tab.goto(`http://127.0.0.1:${port}/`)
    await until(() => app.liveReload.clients === 1, 'there')
    writeFileSync(at('index.html'), html('after'))
    await tab.waitForFunction('document.title === "after"')
  }
})
