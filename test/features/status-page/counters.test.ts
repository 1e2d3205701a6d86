// The counters of tabs on the status page, in Chromium: what it shows after each thing that can happen to a tab.
import type { Page } from 'playwright-core'
import { test } from 'tap'
import type { LiveReloadClient } from '../../../types/client.js'
import type { TabCounts } from '../../../types/transport.js'
import { startApp } from '../../support/app.js'
import { page } from '../../support/browser.js'
import { folder } from '../../support/folder.js'
import { page as html } from '../../support/page.js'
import { plainProxy } from '../../support/proxy.js'
import { until } from '../../support/wait.js'

declare global { interface Window { __liveReload?: LiveReloadClient } }

const HTML = html('page', { head: '<link rel="stylesheet" href="/site.css">' })
const COUNTS = ['attempts', 'successes', 'failures', 'fallbacks', 'reloads', 'updates'] as const

test('a tab on a WebSocket, and one whose WebSocket was refused: connect, fallback, update, reload', async t => {
  const { at } = folder(t, { 'index.html': HTML, 'far.html': HTML, 'site.css': 'p { color: red }' })
  const { app, port, url } = await startApp(t, { root: at('') })
  const look = await page(t)
  await look.goto(`${url}/__live/`)
  /** By the headings of the table, in small letters. */
  const row = async (path: string): Promise<Record<string, string | null>> => {
    const [names = [], ...rows] = await look.locator('tr').evaluateAll(all => all.map(one => [...one.children].map(cell => cell.textContent)))
    const cells = rows.find(([first]) => first === path) ?? []
    return Object.fromEntries(names.map((name, i) => [name?.toLowerCase(), cells[i] ?? null]))
  }
  /** The status page says what is expected, and of each count the same as the tab itself. */
  const shows = async (tab: Page, path: string, expected: Partial<TabCounts>) => {
    let last = ''
    const agree = async () => {
      const shown = await row(path)
      const counted = await tab.evaluate(() => ({ ...window.__liveReload?.metrics })).catch(() => ({})) as Partial<TabCounts>
      last = JSON.stringify({ expected, shown, counted })
      return COUNTS.every(name => shown[name] === String(counted[name])) && Object.entries(expected).every(([name, value]) => shown[name] === String(value))
    }
    await until(agree, 'the counts').catch(() => t.fail(`${path}: ${last}`))
    t.match(await row(path), { browser: /^Chrome \d+$/ }, `${path}: ${last}`)
  }
  const isMeasured = async (path: string) => /^[\d.]+ m?s$/.test(String((await row(path)).latency))

  const near = await page(t)
  await near.goto(`${url}/`)
  await shows(near, '/', { attempts: 1, successes: 1, failures: 0, fallbacks: 0, reloads: 0, updates: 0 })
  await until(() => isMeasured('/'), 'the first ping came back')
  t.match(await row('/'), { transport: 'WebSocket' })

  const far = await page(t)
  await far.goto(`http://127.0.0.1:${await plainProxy(t, port)}/far.html`)
  await shows(far, '/far.html', { successes: 1, fallbacks: 1, reloads: 0, updates: 0 })
  const { attempts, failures, ...rest } = await row('/far.html')
  t.match(rest, { transport: 'SSE', latency: '–' }, 'a stream has no ping')
  // A page that is shown meanwhile tries at once, and may be refused a second time.
  t.ok(Number(failures) > 0 && Number(attempts) === Number(failures) + 1, 'the refused WebSocket counts as a failure')

  app.liveReload.update(at('site.css'))
  await shows(near, '/', { attempts: 1, updates: 1 })
  await shows(far, '/far.html', { successes: 1, updates: 1 })
  await until(() => isMeasured('/far.html'), 'the report tells how far the tab is')

  app.liveReload.reload()
  await shows(near, '/', { attempts: 2, successes: 2, failures: 0, fallbacks: 0, reloads: 1, updates: 1 })
  await shows(far, '/far.html', { attempts: Number(attempts) + 1, successes: 2, fallbacks: 1, reloads: 1, updates: 1 })

  await near.reload()
  await shows(near, '/', { attempts: 1, successes: 1, reloads: 0, updates: 0 })
  t.match(app.liveReload.connections().find(({ path }) => path === '/'), { transport: 'ws', browser: /^Chrome \d+$/, counts: { attempts: 1, successes: 1 } }, 'the app is told the same')
})
