// Cases: the status page, fed by hand: every state it can show, and what its buttons ask for.
import Fastify from 'fastify'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { serveStatusPage } from '../../lib/features/status-page/page.js'
import type { Save, StatusMessage } from '../../types/status-page.js'
import { page } from '../support/browser.js'
import { looks } from '../support/looks.js'
import { until } from '../support/wait.js'
import { count } from './coverage.js'
import { BUNDLES } from './bundles.js'

const EMPTY: StatusMessage = {
  type: 'status',
  ok: true,
  enabled: true,
  epoch: 'e1',
  seq: 0,
  clients: 0,
  transports: { ws: 0, sse: 0 },
  fallbacks: { timeout: 0, failed: 0, forced: 0 },
  paused: false,
  watch: { state: 'ok', roots: [], files: 0 },
  builds: {},
  now: 100_000,
  uptime: 100_000,
  connections: [],
  saves: [],
  forced: 'auto',
  editor: true
}
const MARKUP = '<img src=x onerror="window.hacked = 1">\u001b[31m'
const save = (id: number, more: Partial<Save>): Save => ({ id, source: 'output', state: 'sent', paths: [`page-${id}.html`], files: 1, tabs: 0, ...more })

const SAVES: Save[] = [
  save(9, { source: 'reload', paths: [], files: 0, sent: 99_000, seq: 5, clients: 0 }),
  save(8, { source: 'input', name: 'docs', state: 'building', seen: 98_000, started: 98_001, files: 3, paths: ['a.md', 'b.md', 'c.md'] }),
  save(7, { source: 'input', name: 'docs', state: 'failed', saved: 97_000, seen: 97_002, started: 97_003, built: 97_040 }),
  save(6, { source: 'input', name: 'docs', saved: 90_000, seen: 90_002, started: 90_003, built: 90_050, sent: 90_051, seq: 4, clients: 2, applied: 90_090, last: 90_101, tabs: 2, paths: [MARKUP] }),
  save(5, { saved: 80_000, seen: 80_001, sent: 80_001.5, seq: 3, clients: 1, applied: 80_031, last: 80_031, tabs: 1 }),
  save(4, { seen: 70_000, sent: 70_001, seq: 2, clients: 1, applied: 85_001, last: 85_001, tabs: 1 }),
  save(3, { source: 'build', name: 'docs', state: 'unchanged', paths: [], files: 0, started: 60_000, built: 61_500 }),
  save(2, { source: 'watch', state: 'held', seen: 50_000 }),
  save(1, { source: 'input', name: 'docs', state: 'waiting', seen: 40_000 })
]
const BUSY: StatusMessage = {
  ...EMPTY,
  seq: 5,
  clients: 60,
  transports: { ws: 20, sse: 40 },
  fallbacks: { timeout: 1, failed: 0, forced: 1 },
  connections: [{ transport: 'ws', age: 5_000, path: '/blog/', browser: 'Chrome 130', latency: 0.8, counts: { attempts: 1_234, successes: 12, failures: 3, fallbacks: 0, reloads: 11, updates: 4 } }, { transport: 'sse', age: 300_000 }, { transport: 'sse', age: 8_000_000 }, { transport: 'ws', age: 200_000_000 }],
  watch: { state: 'ok', roots: ['dist', 'content'], files: 1204 },
  builds: { docs: { state: 'ok', ms: 47, counts: { sources: 156, pages: 1_950, byKind: { content: 1_692, tags: 258 }, byFormat: { html: 1_950, json: 350 }, files: 2_300 } }, code: { state: 'idle' } },
  saves: SAVES
}

export async function statusServer (t: Test) {
  const app = Fastify({ forceCloseConnections: true })
  const asked: unknown[] = []
  const server = {
    epoch: 'e1',
    token: 'secret',
    answer: 204,
    status: EMPTY,
    url: '',
    asked,
    lost: false,
    show (status: StatusMessage) { server.status = status }
  }
  app.register(async scope => {
    serveStatusPage(scope, { epoch: 'EPOCH', token: 'TOKEN' })
    scope.addHook('onSend', async (_request, _reply, body) => typeof body === 'string' ? body.replace('EPOCH', server.epoch).replace('TOKEN', server.token) : body)
    scope.get('/status.js', (_request, reply) => reply.type('text/javascript').send(BUNDLES['/__live/status.js'].code))
    scope.get('/health', () => ({ epoch: server.epoch }))
    scope.get<{ Querystring: { token: string } }>('/status', ({ query }, reply) => {
      if (query.token !== server.token) return reply.code(403).send()
      if (server.lost) return reply.raw.destroy()
      return reply.send({ ...server.status, epoch: server.epoch })
    })
    scope.post<{ Querystring: { token: string } }>('/control', ({ body, query }, reply) => {
      asked.push(query.token === server.token ? body : 'no token')
      reply.code(server.answer).send(server.answer === 204 ? undefined : 'live reload: no')
    })
  }, { prefix: '/__live' })
  t.teardown(() => app.close())
  server.url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/__live`
  return server
}

async function visit (t: Test, url: string) {
  const tab: Page = await page(t)
  const errors: string[] = []
  tab.on('pageerror', error => errors.push(error.message))
  tab.on('console', message => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) errors.push(message.text()) })
  const snapshot = await count(tab)
  t.teardown(snapshot)
  await tab.goto(url)
  const text = (selector: string) => tab.locator(selector).allInnerTexts().then(all => all.join('|'), () => '')
  const says = (expected: string | RegExp, selector = 'body') => until(async () => (await text(selector)).match(expected), `${selector} says ${String(expected)}`)
  return { tab, errors, snapshot, text, says }
}

export function status (t: Test) {
  t.test('status page: nothing yet', async t => {
    const server = await statusServer(t)
    const { tab, errors, says, text } = await visit(t, server.url)
    t.equal(tab.url(), `${server.url}/`, 'with a slash, for its own addresses')
    await says('no tab is open')
    await says('Save a file, and see here how long each step took.')
    await says('No build is set up')
    await says('Nothing is watched')
    t.equal(await text('.pill[role=status]'), 'Watching')
    t.equal(await tab.title(), 'Watching · Live reload')
    for (const name of ['Rebuild', 'Force fallback to SSE']) t.ok(await tab.getByRole('button', { name }).isDisabled(), `nothing to do for ${name}`)
    t.notOk(await tab.locator('section').first().isVisible(), 'no problems')
    t.same(errors, [])
  })

  t.test('status page: everything at once, as text', async t => {
    const server = await statusServer(t)
    server.status = BUSY
    const { tab, errors, says, text } = await visit(t, server.url)
    await says('Reload by hand', '.save')
    t.match(await text('.tile'), /Connections\s+60\s+20 WebSocket · 40 SSE/)
    t.match(await text('.tile'), /From save to screen\s+90\s*ms\s+median of 3 · last 90 ms/)
    t.match(await text('.tile'), /Builds\s+2 ok\s+last took 37 ms/)
    t.match(await text('.tile'), /Watched\s+1,204\s*files\s+2 roots, native events/)
    const saves = await text('.save')
    for (const part of ['no tab connected', 'building', 'failed', 'nothing changed', 'held back', 'waiting', 'a.md + 2', 'Build docs', 'change 4 · ', 'seen +2 ms · built +48 ms · sent +1 ms · on screen +39 ms · in all tabs +11 ms · 2 tabs', '101 ms', '15.0 s', MARKUP.slice(0, 20)]) t.ok(saves.includes(part), part)
    t.match(await text('.legend'), /seen 2 ms\s+built 48 ms\s+sent 1 ms\s+on screen 39 ms\s+in all tabs 11 ms/)
    const widths = await tab.locator('.bar').evaluateAll(bars => bars.map(bar => bar.scrollWidth <= bar.clientWidth + 4))
    t.notOk(widths.includes(false), 'no bar is longer than its place')
    const rows = await text('tbody tr')
    t.match(rows, /\/blog\/\s+Chrome 130\s+WebSocket\s+0.8 ms\s+1,234\s+12\s+3\s+0\s+11\s+4\s+5 s\|/)
    t.match(rows, /–\s+–\s+SSE\s+(–\s+){7}5 min\|[\s\S]*SSE\s[\s\S]*2 h\|[\s\S]*WebSocket\s[\s\S]*2 d$/, 'what a client does not say is not made up')
    t.same(await tab.locator('th').allTextContents(), ['Page', 'Browser', 'Transport', 'Latency', 'Attempts', 'Successes', 'Failures', 'Fallbacks', 'Reloads', 'Updates', 'Age'])
    t.equal(await text('td.odd'), '3', 'what is wrong stands out')
    t.match(await text('section'), 'And 56 more. Tabs of one browser')
    t.match(await text('section'), '2 fallbacks')
    t.match(await text('section'), '1,950 pages (1,692 content, 258 tags) · 2,300 files (1,950 html, 350 json)')
    t.equal(await tab.locator('.history i').count(), 3)
    t.notOk(await tab.evaluate('window.hacked'))
    server.show({ ...BUSY, connections: [{ transport: 'ws', age: 7_000 }] })
    await says(/WebSocket\s[\s–]+7 s/)
    t.same(errors, [])
  })

  t.test('status page: 50 tabs with the longest names', async t => {
    const server = await statusServer(t)
    const counts = { attempts: 999_999_999, successes: 999_999_999, failures: 999_999_999, fallbacks: 12, reloads: 999_999_999, updates: 0 }
    const one = { transport: 'ws', age: 200_000_000, path: `/${'x'.repeat(199)}`, browser: `${'y'.repeat(30)} 123456`, latency: 123_456, counts } as const
    const words = { ...one, path: '/a-long/name/of-words'.repeat(9), browser: 'Samsung Internet 26' }
    server.show({ ...BUSY, connections: [{ transport: 'sse', age: 0 }, ...Array.from({ length: 49 }, (_, i) => i % 2 ? one : words)] })
    const { tab, errors, says } = await visit(t, server.url)
    await says('Tabs of one browser')
    const places = () => tab.locator('tbody tr').evaluateAll(rows => rows.slice(0, 3).map(row => {
      const cells = [...row.children].filter(cell => cell.checkVisibility()).map(cell => cell.getBoundingClientRect())
      const meets = cells.some((a, i) => cells.some((b, j) => i < j && a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1))
      return [cells.length, meets, row.getBoundingClientRect().height < 240, [...row.children].every(cell => cell.scrollWidth <= cell.clientWidth)]
    }))
    for (const width of [320, 375, 800, 1039, 1040, 1280]) {
      await tab.setViewportSize({ width, height: 900 })
      t.equal(await tab.evaluate('document.documentElement.scrollWidth'), width, `${width}: nothing is wider than the screen`)
      t.same(await places(), [[width < 1040 ? 5 : 11, false, true, true], [11, false, true, true], [11, false, true, true]], `${width}: cells have their places, rows their size`)
    }
    t.equal(await tab.locator('td.odd').first().innerText(), '1B')
    t.equal(await tab.locator('tbody tr').count(), 50)
    t.equal(await tab.locator('td.path').nth(1).getAttribute('title'), words.path, 'all of a name is in its title')
    await looks(t, tab, 'status-many')
    t.same(errors, [])
  })

  t.test('status page: what is wrong', async t => {
    const server = await statusServer(t)
    const { tab, errors, says, text, snapshot } = await visit(t, server.url)
    const problem = { severity: 'error', message: MARKUP, file: 'src/a.ts', line: 3, column: 5, frame: '> 3 | <b>' } as const
    server.show({ ...BUSY, forced: 'ws', builds: { docs: { state: 'failed', ms: 3, diagnostics: [problem, { severity: 'warning', message: 'an old name' }] } } })
    await says('Build docs failed', 'header')
    t.match(await text('.problem'), /error\s*docs · src\/a.ts:3:5[\s\S]*<img src=x[\s\S]*> 3 \| <b>\|warning\s*docs\s+an old name/)
    t.equal(await tab.title(), '1 error · Live reload')
    const asked = tab.waitForRequest(/open\?/)
    await tab.getByRole('button', { name: 'src/a.ts:3:5' }).click()
    t.match((await asked).postDataJSON(), { file: 'src/a.ts', line: 3, column: 5 }, 'a place opens in the editor')
    await says(/Route POST/, '.answer')
    t.ok(await tab.getByRole('button', { name: 'Force' }).isDisabled())
    t.match(await text('section'), 'held to WebSocket')
    t.match(await text('.tile.bad'), '1 failed')

    const states: [StatusMessage, string][] = [
      [{ ...BUSY, builds: { a: { state: 'failed', diagnostics: [] }, b: { state: 'failed' } } }, '2 builds failed'],
      [{ ...BUSY, watch: { state: 'failed', reason: 'no inotify watches are left', roots: ['dist'], files: 1 } }, 'Not watching'],
      [{ ...BUSY, watch: { state: 'polling', reason: 'asked for', roots: ['dist'], files: 1 } }, 'Polling'],
      [{ ...BUSY, watch: { state: 'degraded', roots: ['dist'], files: 1 } }, 'Watching, with gaps'],
      [{ ...BUSY, builds: { docs: { state: 'started' } }, saves: [] }, 'Building'],
      [{ ...BUSY, paused: true }, 'Paused']
    ]
    for (const [status, expected] of states) {
      server.show(status)
      await says(expected, 'header')
      if (status.watch.reason) await says(status.watch.reason)
      if (status.saves.length === 0) await says('none has run')
    }
    t.notOk(await tab.locator('.problem').count())
    t.notOk(await tab.evaluate('window.hacked'))
    t.same(errors, [])

    server.show({ ...BUSY, transports: { ws: 60, sse: 0 } })
    const asks = [['Reload all', { action: 'reload' }], ['Rebuild', { action: 'build' }], ['Pause', { action: 'pause' }], ['Force fallback to SSE', { action: 'transport', transport: 'sse' }]] as const
    for (const [name, body] of asks) {
      await tab.getByRole('button', { name }).click()
      await until(() => server.asked.length > 0, name)
      t.same(server.asked.splice(0), [body])
    }
    server.show({ ...BUSY, paused: true })
    await tab.getByRole('button', { name: 'Resume' }).click()
    await tab.getByRole('button', { name: 'Force fallback to WebSocket' }).click()
    await until(() => server.asked.length === 2, 'both')
    t.same(server.asked, [{ action: 'resume' }, { action: 'transport', transport: 'ws' }])
    server.answer = 400
    await tab.getByRole('button', { name: 'Reload all' }).click()
    await says('live reload: no', '.answer')
    await tab.route('**/control*', route => route.abort())
    await tab.getByRole('button', { name: 'Reload all' }).click()
    await says('The server does not answer.', '.answer')
    t.match(errors.splice(0).filter(text => !text.includes('net::')), [])
    await snapshot()
  })

  t.test('status page: hot plugins, and buttons for each', async t => {
    const server = await statusServer(t)
    const plugin = { name: 'bot', version: 3, enabled: true, serving: true, failed: false, routes: 2 }
    const list = [
      plugin,
      { ...plugin, name: 'broken', title: MARKUP, failed: true },
      { ...plugin, name: 'gone', failed: true, serving: false, routes: 0 },
      { ...plugin, name: 'resting', enabled: false, serving: false, routes: 1 }
    ]
    server.show({ ...EMPTY, plugins: { watching: true, list } })
    const { tab, errors, says, text } = await visit(t, server.url)
    await says('4 plugins')
    t.match(await text('.row'), /bot\s+2 routes\s+v3[\s\S]*<img src=x[\s\S]*failed, v3 serves[\s\S]*gone\s+0 routes\s+failed\s[\s\S]*resting\s+1 route\s+off/)
    t.equal(await tab.getByRole('button', { name: 'Reload resting' }).count(), 0, 'what is off is not reloaded')
    const asks = [
      ['Reload bot', { action: 'plugin', plugin: 'bot', do: 'reload' }],
      ['Turn bot off', { action: 'plugin', plugin: 'bot', do: 'disable' }],
      ['Turn resting on', { action: 'plugin', plugin: 'resting', do: 'enable' }],
      ['Stop watching', { action: 'plugins', watch: false }]
    ] as const
    for (const [name, body] of asks) {
      await tab.getByRole('button', { name }).click()
      await until(() => server.asked.length > 0, name)
      t.same(server.asked.splice(0), [body])
    }
    server.show({ ...EMPTY, plugins: { watching: false, list: [] } })
    await says('changes are not watched')
    await tab.getByRole('button', { name: 'Watch', exact: true }).click()
    await until(() => server.asked.length > 0, 'watching again')
    t.same(server.asked, [{ action: 'plugins', watch: true }])
    t.notOk(await tab.evaluate('window.hacked'))
    t.same(errors, [])
  })

  t.test('status page: lost, found again, and another process', async t => {
    const server = await statusServer(t)
    const { tab, errors, says, snapshot } = await visit(t, server.url)
    await says('Watching', 'header')
    server.lost = true
    await tab.waitForResponse('**/health')
    await says('Not connected', 'header')
    await tab.route('**/health', route => route.abort())
    await tab.waitForEvent('requestfailed', request => request.url().endsWith('/health'))
    t.ok(await tab.getByRole('button', { name: 'Reload all' }).isDisabled())
    t.equal(await tab.title(), 'Not connected · Live reload')
    server.lost = false
    await says('Watching', 'header')
    await tab.unroute('**/health')
    // It asks for itself; a page that is none leaves the old one as it is, for the count of its lines.
    let loads = 0
    await tab.route(`${server.url}/`, route => { loads++; return route.fulfill({ status: 204 }) })
    server.epoch = 'other'
    await until(() => loads === 1, 'asked for')
    await snapshot()
    await tab.unroute(`${server.url}/`)
    await tab.reload()
    await says('Watching', 'header')
    const loaded = tab.waitForEvent('load')
    server.epoch = 'e2'
    server.token = 'other'
    await loaded
    await says('Watching', 'header')
    await tab.getByRole('button', { name: 'Reload all' }).click()
    await until(() => server.asked.length === 1, 'asked')
    t.same(server.asked, [{ action: 'reload' }], 'with the new token')
    t.same(errors.filter(text => !text.includes('net::')), [])

    // The same by the status alone: the new process takes the old token.
    tab.on('request', request => { if (request.isNavigationRequest()) loads++ })
    await tab.route('**/health', route => route.abort())
    server.epoch = 'e3'
    await until(() => loads === 2, 'loaded again')
    await says('Watching', 'header')
  })
}
