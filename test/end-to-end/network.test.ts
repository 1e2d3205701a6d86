// The network goes away for ten seconds and comes back, in real Chromium: every kind of cut at the same time.
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { test } from 'tap'
import type { LiveReloadClient } from '../../types/client.js'
import { startApp } from '../support/app.js'
import { page } from '../support/browser.js'
import { folder } from '../support/folder.js'
import { page as html } from '../support/page.js'
import { relay } from '../support/relay.js'
import { until } from '../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const CUT = 10_000
/** Pauses of 100 ms that grow by one percent, up to half less by chance: in ten seconds no more tries than this, with a question for the health at every fourth. */
const MOST = 140

const ways = [
  { name: 'held up, as TCP does it', how: 'hold', edit: true },
  { name: 'broken and refused', how: 'sever', edit: true },
  { name: 'broken and refused, and nothing has changed', how: 'sever', edit: false }
] as const
const transports = ['ws', 'sse'] as const

const state = (tab: Page) => tab.evaluate(() => window.__liveReload?.state).catch(() => undefined)

test('the network is cut for ten seconds: each tab reloads exactly once, or not at all', async t => {
  const apps = {
    edited: folder(t, { 'index.html': html('before') }),
    same: folder(t, { 'index.html': html('before') })
  }
  const servers = { edited: await startApp(t, { root: apps.edited.path }), same: await startApp(t, { root: apps.same.path }) }
  const tabs = await Promise.all(ways.flatMap(way => transports.map(async transport => {
    const { port, url } = way.edit ? servers.edited : servers.same
    t.match(url, String(port))
    const wire = await relay(t, port)
    const tab = await page(t)
    let loads = 0
    tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
    await tab.goto(`http://127.0.0.1:${wire.port}/`)
    await until(async () => await state(tab) === 'open', 'connected')
    if (transport === 'sse') {
      await tab.evaluate(() => window.__liveReload?.reconnect('sse'))
      await until(() => tab.evaluate(() => window.__liveReload?.connectionType === 'sse'), 'by SSE')
    }
    return { ...way, transport, wire, tab, loads: () => loads, before: 0 }
  })))
  await until(() => servers.edited.app.liveReload.clients === 4 && servers.same.app.liveReload.clients === 2, 'all there')

  for (const { wire, how } of tabs) wire[how]()
  for (const each of tabs) each.before = each.wire.tries.length
  writeFileSync(apps.edited.at('index.html'), html('after'))
  await until(() => servers.edited.app.liveReload.status().seq === 1, 'seen')
  await until(async () => (await Promise.all(tabs.filter(({ how }) => how === 'sever').map(({ tab }) => state(tab)))).every(one => one === 'connecting'), 'noticed')
  await sleep(CUT)
  for (const { name, transport, wire, before, tab } of tabs) {
    t.ok(wire.tries.length - before <= MOST, `${name}, ${transport}: ${wire.tries.length - before} tries meanwhile`)
    t.equal(await tab.title(), 'before')
  }

  for (const { wire } of tabs) wire.mend()
  for (const { name, transport, tab, edit } of tabs) {
    await until(async () => await tab.title().catch(() => '') === (edit ? 'after' : 'before') && await state(tab) === 'open', `${name}, ${transport}: up to date`)
  }
  // One more change for all: what should not have happened would have happened by then.
  for (const { app } of Object.values(servers)) app.liveReload.reload()
  for (const { name, transport, tab, edit, loads } of tabs) {
    await until(() => tab.evaluate(seq => window.__liveReload?.seq === seq && window.__liveReload.state === 'open', edit ? 2 : 1).catch(() => false), `${name}, ${transport}: the next one`)
    t.equal(loads(), edit ? 3 : 2, `${name}, ${transport}: ${edit ? 'one reload' : 'none'} for the cut`)
  }
})
