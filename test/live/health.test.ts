import { test } from 'tap'
import type { WatchStatus } from '../../types/change.js'
import { doubt, worst } from '../../lib/live/health.js'
import { createInert } from '../../lib/live/inert.js'

const ok: WatchStatus = { state: 'ok', roots: ['/a'], files: 1 }
const degraded: WatchStatus = { state: 'degraded', reason: 'no root yet', roots: ['/b'], files: 0 }
const failed: WatchStatus = { state: 'failed', reason: 'no watcher', roots: ['/a', '/c'], files: 2 }

test('the worst of all watches', async t => {
  t.same(worst([]), { state: 'ok', roots: [], files: 0 })
  t.same(worst([ok, degraded]), { state: 'degraded', reason: 'no root yet', roots: ['/a', '/b'], files: 1 })
  t.match(worst([degraded, { ...ok, state: 'polling' }]), { state: 'polling' }, 'as within one watch')
  t.same(worst([ok, failed, degraded]), { state: 'failed', reason: 'no watcher', roots: ['/a', '/c', '/b'], files: 3 })
})

test('when tabs may be stale', async t => {
  t.equal(doubt(ok, {}), undefined)
  t.equal(doubt(degraded, { site: { state: 'failed', ms: 5 } }), undefined, 'a failed build is known')
  t.equal(doubt(failed, {}), 'no watcher')
  t.equal(doubt({ ...failed, reason: undefined } as never, {}), 'not watching')
  t.equal(doubt(ok, { site: { state: 'ok', ms: 5 }, css: { state: 'idle' }, js: { state: 'started' }, md: { state: 'started', ms: 5 } }), 'not built yet: css, js')
})

test('off, every verb is there and does nothing', async t => {
  const inert = createInert()
  inert.reload()
  inert.pause()
  inert.resume()
  inert.on('change', () => {})()
  t.same(await inert.build(), [])
  t.same(inert.connections(), [])
  t.match([inert.enabled, inert.clients, inert.tag(), inert.status()], [false, 0, '', { ok: true, enabled: false }])
})
