import { test } from 'tap'
import type { WatchStatus } from '../../types/change.js'
import type { BuildStatus } from '../../types/message.js'
import { createInert } from '../../lib/live/inert.js'
import { readStatus } from '../../lib/live/status.js'

const ok: WatchStatus = { state: 'ok', roots: ['/a'], files: 1 }
const degraded: WatchStatus = { state: 'degraded', reason: 'no root yet', roots: ['/b'], files: 0 }
const failed: WatchStatus = { state: 'failed', reason: 'no watcher', roots: ['/a', '/c'], files: 2 }

function read (watches: WatchStatus[], builds: Record<string, BuildStatus> = {}) {
  return readStatus({
    epoch: 'e',
    pipeline: { seq: 3, paused: false, watches: () => watches },
    builds,
    transports: { ws: 1, sse: 2 },
    fallbacks: () => ({ timeout: 1, failed: 0, forced: 0 })
  })
}

test('status: counts, and the worst state of all watches with every root', async t => {
  t.match(read([]), { ok: true, enabled: true, epoch: 'e', seq: 3, clients: 3, transports: { ws: 1, sse: 2 }, fallbacks: { timeout: 1 }, paused: false, builds: {} })
  const cases: [watches: WatchStatus[], expected: WatchStatus][] = [
    [[], { state: 'ok', roots: [], files: 0 }],
    [[ok, degraded], { state: 'degraded', reason: 'no root yet', roots: ['/a', '/b'], files: 1 }],
    [[degraded, { ...ok, state: 'polling' }], { state: 'polling', roots: ['/b', '/a'], files: 1 }],
    [[ok, failed, degraded], { state: 'failed', reason: 'no watcher', roots: ['/a', '/c', '/b'], files: 3 }]
  ]
  for (const [watches, expected] of cases) t.strictSame(read(watches).watch, expected)
})

test('status: not ok, and why, when tabs may be stale', async t => {
  const { reason: _, ...silent } = failed
  const cases: [watch: WatchStatus, builds: Record<string, BuildStatus>, reason: string | undefined][] = [
    [ok, {}, undefined],
    [degraded, { site: { state: 'failed', ms: 5 } }, undefined],
    [failed, {}, 'no watcher'],
    [silent, {}, 'not watching'],
    [ok, { site: { state: 'ok', ms: 5 }, css: { state: 'idle' }, js: { state: 'started' }, md: { state: 'started', ms: 5 } }, 'not built yet: css, js']
  ]
  for (const [watch, builds, reason] of cases) {
    const status = read([watch], builds)
    t.strictSame([status.ok, status.reason], [reason === undefined, reason], reason ?? 'ok')
  }
})

test('enabled: false: every method of app.liveReload exists and does nothing', async t => {
  const inert = createInert('/__live')
  inert.reload()
  inert.update('x')
  inert.pause()
  inert.resume()
  inert.reconnect()
  inert.send('reload')
  inert.emit('error', { error: new Error('x') })
  inert.extend('plugins', inert.plugins)
  inert.routes(() => { t.fail('registered') })
  for (const undo of [inert.on('change', () => {}), inert.watch([], () => {}), inert.transform(html => html), inert.report('x', [])]) t.equal(undo(), undefined)
  t.same(await inert.build(), [])
  t.same(inert.connections(), [])
  t.equal(inert.allows({} as never), false)
  await inert.ready
  t.match([inert.enabled, inert.clients, inert.tag(), inert.token, inert.path, inert.status()], [false, 0, '', '', '/__live', { ok: true, enabled: false }])
})
