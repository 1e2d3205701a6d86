// What must hold in every browser: connect, reload, fallback, reconnect. One suite, whoever drives it.
import { writeFileSync } from 'node:fs'
import type { FastifyServerOptions } from 'fastify'
import { test, type Test } from 'tap'
import { applied } from '../../lib/entries/testing/app.js'
import { startApp } from './app.js'
import { certificate } from './certificate.js'
import { folder } from './folder.js'
import { page as html } from './page.js'
import { plainProxy } from './proxy.js'
import { holds, type RemoteBrowser, type RemoteTab } from './remote.js'
import { until } from './wait.js'

const isOpen = '(window.__liveReload && window.__liveReload.state === "open")'
const shows = (tab: RemoteTab, text: string) => holds(tab, `document.title === "${text}" && ${isOpen}`)
const transportOf = (tab: RemoteTab) => tab.ask('window.__liveReload.connectionType')
const metric = (tab: RemoteTab, name: string) => tab.ask<number>(`window.__liveReload.metrics.${name}`)
const http2 = { http2: true, https: { ...certificate, allowHTTP1: true } } as unknown as FastifyServerOptions

export function smoke (name: string, launch: (t: Test) => Promise<RemoteBrowser>): void {
  test(name, async t => {
    const browser = await launch(t)
    const tab = await browser.open()

    for (const [what, transport, scheme, options, server] of [
      ['HTTP/1.1', 'ws', 'http', {}, {}],
      ['SSE forced', 'sse', 'http', { client: { transport: 'sse' } }, {}],
      ['HTTP/2', 'sse', 'https', {}, http2]
    ] as const) {
      await t.test(`${what}: connects by ${transport}, a save reloads, paused and back it is caught up`, async t => {
        const { at } = folder(t, { 'index.html': html('before') })
        const { app, port } = await startApp(t, { root: at(''), ...options }, { server })
        await tab.goto(`${scheme}://localhost:${port}/`)
        await shows(tab, 'before')
        t.equal(await transportOf(tab), transport)
        t.match(app.liveReload.connections(), [{ transport }])
        const acknowledged = new Promise(resolve => app.liveReload.on('applied', resolve))
        writeFileSync(at('index.html'), html('after'))
        await shows(tab, 'after')
        t.match(await acknowledged, { kind: 'reload', transport })

        await tab.ask('(window.__liveReload.pause(), 0)')
        await until(() => app.liveReload.clients === 0, 'gone')
        await applied(app, () => writeFileSync(at('index.html'), html('later')))
        await tab.ask('(window.__liveReload.resume(), 0)')
        await shows(tab, 'later')
        t.equal(await metric(tab, 'fallbacks'), 0)
        await tab.goto('about:blank')
      })
    }

    for (const swallow of [false, true]) {
      await t.test(`upgrades ${swallow ? 'swallowed' : 'refused'} on the way: falls back to SSE, a save reloads`, async t => {
        const { at } = folder(t, { 'index.html': html('before') })
        const { app, port } = await startApp(t, { root: at('') })
        const near = await plainProxy(t, port, swallow)
        await tab.goto(`http://127.0.0.1:${near}/`)
        await shows(tab, 'before')
        t.equal(await transportOf(tab), 'sse')
        t.equal(await metric(tab, 'fallbacks'), 1)
        const acknowledged = new Promise(resolve => app.liveReload.on('applied', resolve))
        writeFileSync(at('index.html'), html('after'))
        await shows(tab, 'after')
        t.equal(await transportOf(tab), 'sse', 'the next page knows')
        t.match(await acknowledged, { kind: 'reload', transport: 'sse' })
        await tab.goto('about:blank')
      })
    }

    for (const transport of ['ws', 'sse'] as const) {
      await t.test(`the server restarts under a page by ${transport}: reconnected, and reloaded once`, async t => {
        const { at } = folder(t, { 'index.html': html('before') })
        const options = { root: at(''), client: { transport } }
        const first = await startApp(t, options)
        await tab.goto(`http://127.0.0.1:${first.port}/`)
        await shows(tab, 'before')
        await first.app.close()
        await holds(tab, 'window.__liveReload.state !== "open"')
        writeFileSync(at('index.html'), html('after'))
        await startApp(t, options, { port: first.port })
        await shows(tab, 'after')
        t.equal(await metric(tab, 'reloads'), 1)
        await tab.goto('about:blank')
      })
    }

    await t.test('two windows share a connection where the browser has locks, and both reload', async t => {
      const { at } = folder(t, { 'index.html': html('before') })
      const { app, port } = await startApp(t, { root: at('') })
      const other = await browser.open()
      for (const one of [tab, other]) {
        await one.goto(`http://127.0.0.1:${port}/`)
        await shows(one, 'before')
      }
      const locks = await tab.ask('Boolean(navigator.locks && window.BroadcastChannel)')
      t.comment(`locks: ${locks}`)
      await until(() => app.liveReload.clients === (locks ? 1 : 2), 'connections')
      writeFileSync(at('index.html'), html('after'))
      for (const one of [tab, other]) await shows(one, 'after')
      for (const one of [tab, other]) await one.goto('about:blank')
    })
  })
}
