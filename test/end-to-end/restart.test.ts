// The server is killed under many tabs and started again, in real Chromium.
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { test, type Test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { times } from '../support/times.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const SERVER = fileURLToPath(new URL('server.js', import.meta.url)).replace(/js$/, import.meta.url.slice(-2))
const shows = (tab: Page, text: string) => tab.waitForFunction(wanted => document.title === wanted && window.__liveReload?.state === 'open', text, { timeout: 60_000 })

/** Tabs of one browser share one connection. */
async function browser (t: Test, url: string, count: number) {
  const first = await page(t)
  const tabs = []
  for (let i = 0; i < count; i++) {
    const tab = i === 0 ? first : await first.context().newPage()
    let loads = 0
    tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
    await tab.goto(url)
    tabs.push({ tab, loads: () => loads })
  }
  return tabs
}

for (const { transport, browsers, each } of [{ transport: 'ws', browsers: times(3, 10), each: times(3, 5) }, { transport: 'sse', browsers: 1, each: times(6, 20) }] as const) {
  test(`kill -9 and restart under ${browsers * each} tabs by ${transport}, ${browsers} connected: each reloads once`, async t => {
    const { path, at } = folder(t, { 'index.html': html('before') })
    const start = async (port: number) => {
      const child = fork(SERVER, [path, String(port), transport])
      t.teardown(() => child.kill('SIGKILL'))
      const { port: bound } = await new Promise<{ port: number }>(resolve => child.once('message', message => resolve(message as { port: number })))
      return { child, port: bound }
    }
    const { child, port } = await start(0)
    const tabs = (await Promise.all(Array.from({ length: browsers }, () => browser(t, `http://127.0.0.1:${port}`, each)))).flat()
    for (const { tab } of tabs) t.equal(await tab.waitForFunction(() => window.__liveReload?.state === 'open' && window.__liveReload.connectionType).then(handle => handle.jsonValue()), transport)
    child.kill('SIGKILL')
    for (const { tab } of tabs) await tab.waitForFunction(() => window.__liveReload?.state !== 'open')
    writeFileSync(at('index.html'), html('after'))
    await start(port)
    for (const { tab } of tabs) await shows(tab, 'after')
    for (const { tab, loads } of tabs) {
      await shows(tab, 'after')
      t.equal(loads(), 2)
    }
  })
}
