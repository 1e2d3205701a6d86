// A root whose backend misbehaves, on real files.
import { rmSync } from 'node:fs'
import { test, type Test } from 'tap'
import type { BackendHandle, HintListener, WatchBackend } from '../../lib/watch/backends/backend.js'
import { KeepAlive } from '../../lib/watch/keep-alive.js'
import { createPoll } from '../../lib/watch/backends/poll.js'
import { FileIndex } from '../../lib/watch/index/file-index.js'
import { Root } from '../../lib/watch/root/root.js'
import { identifyRoot } from '../../lib/watch/root/root-identity.js'
import { TimeSlicer } from '../../lib/watch/timing/time-slicer.js'
import { clock } from '../../lib/shared/clock.js'
import { manualClock } from '../support/clock.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'

const noop = async (): Promise<void> => {}
const handle = (close = noop): BackendHandle => ({ close })

function makeRoot (t: Test, open: WatchBackend['open'], { canOverlap = true, followsNewDirectories = false, keepAlive = new KeepAlive(true), ignored = (_path: string, _directory: boolean): boolean => false } = {}) {
  const f = folder(t, { 'www/page.html': 'one', 'www/d/x.html': 'one' })
  const path = f.at('www')
  const time = manualClock()
  const counts = { opened: 0, closed: 0, doubts: 0 }
  const differences: string[] = []
  const warnings: string[] = []
  const index = new FileIndex({ root: path, ignored, onDifference: each => differences.push(each), onUnreadable () {}, onRewrite () {}, hasEvents: () => true, onSuspect () {}, startedAt: Date.now() + 1000 })
  const slicer = new TimeSlicer({ onBegin () {}, onEnd () {}, onError: error => t.fail(String(error)) })
  const native: WatchBackend = {
    followsNewDirectories,
    canOverlap,
    async open (...given) {
      counts.opened++
      const { close } = await open(...given)
      return { close () { counts.closed++; return close() } }
    }
  }
  const root = new Root({
    path,
    backend: 'auto',
    backends: { native, poll: createPoll(clock) },
    pollInterval: 20,
    index,
    slicer,
    clock: time,
    keepAlive,
    onNameChange () {},
    onAbsent () {},
    onDoubt () { counts.doubts++ },
    onReturn () {},
    warn: text => warnings.push(text)
  })
  t.teardown(() => root.close())
  return { f, root, time, counts, differences, warnings }
}

test('a handle that was lost is replaced, and everything is compared', async t => {
  let lose: ((cause: Error) => void) | undefined
  const { f, root, counts, differences } = makeRoot(t, async (_root, _onHint, { onLost }) => { lose = onLost; return handle() })
  await root.start()
  f.write('www/page.html', 'unseen')
  lose?.(new Error('dropped'))
  await until(() => differences.includes(f.at('www/page.html')), 'everything was compared')
  await until(() => counts.closed === 1, 'the old handle is closed a little later')
  t.strictSame([counts.opened, counts.doubts], [2, 1])
})

test('a tree in turmoil is opened again and again, and replaced handles stay open for a while', async t => {
  const { root, counts } = makeRoot(t, async () => { if (counts.opened < 5) root.renew(); return handle() })
  await root.start()
  await until(() => counts.opened === 5, 'opened as often as was asked')
  await until(() => counts.closed === 4, 'all but the last are closed')
  t.strictSame(root.status(), { state: 'ok' })
})

test('a handle that cannot overlap with its successor is closed first, and everything is compared', async t => {
  let open = 0
  let most = 0
  const { f, root, differences, counts } = makeRoot(t, async () => { most = Math.max(most, ++open); return handle(async () => { open-- }) }, { canOverlap: false })
  await root.start()
  f.write('www/page.html', 'unseen')
  root.renew()
  await until(() => differences.length === 1, 'everything was compared')
  t.strictSame([most, counts.opened], [1, 2])
})

for (const followsNewDirectories of [false, true]) {
  test(`an ignored directory that becomes a file is no longer left out, followsNewDirectories: ${followsNewDirectories}`, async t => {
    const opened: (readonly string[])[] = []
    let hint: HintListener | undefined
    const { f, root, differences } = makeRoot(t, async (_root, onHint, { ignored }) => { hint = onHint; opened.push(ignored); return handle() }, { followsNewDirectories, ignored: (path, directory) => directory && path.endsWith('d') })
    await root.start()
    t.strictSame(opened, [[f.at('www/d')]])
    rmSync(f.at('www/d'), { recursive: true })
    await hint?.([f.write('www/d', 'one')])
    t.strictSame(differences, [f.at('www/d')])
    await until(() => opened.length === 2, 'opened again')
    await hint?.([f.write('www/page.html', 'two')])
    t.strictSame(opened, [[f.at('www/d')], []], 'once')
  })
}

test('opening that fails because directories vanish is tried again', async t => {
  let attempts = 0
  const { root } = makeRoot(t, async () => { if (++attempts < 4) throw new Error('No such file or directory'); return handle() })
  await root.start()
  t.strictSame([root.status(), attempts], [{ state: 'ok' }, 4])
})

test('opening that fails 25 times because directories vanish falls back to polling', async t => {
  const { root, counts } = makeRoot(t, async () => { throw new Error('No such file or directory') })
  await root.start()
  t.match(root.status(), { state: 'polling', reason: /No such file/ })
  t.equal(counts.opened, 25)
})

test('a refused backend is tried again after a minute, then after two', async t => {
  let works = false
  const { root, time, counts, warnings } = makeRoot(t, async () => { if (!works) throw new Error('odd'); return handle() })
  await root.start()
  t.match(root.status(), { state: 'polling', reason: /cannot watch .*: odd/ })
  t.notOk(root.hasEvents)
  time.advance(60_001)
  root.tick()
  await until(() => counts.opened === 2 && warnings.length === 2, 'tried again')
  t.match(root.status(), { state: 'polling' })
  works = true
  time.advance(60_001)
  root.tick()
  t.equal(counts.opened, 2, 'not yet')
  time.advance(60_001)
  await until(() => { root.tick(); return root.hasEvents }, 'native events again')
  t.strictSame(root.status(), { state: 'ok' })
})

test('a root that is closed while it opens closes the new handle', async t => {
  let release = (): void => {}
  const { root, counts } = makeRoot(t, () => new Promise(resolve => { release = () => resolve(handle()) }))
  const started = root.start()
  t.match(root.status(), { state: 'degraded', reason: /first scan/ })
  await until(() => counts.opened === 1, 'opening')
  const closing = root.close()
  release()
  await Promise.all([closing, started])
  t.equal(counts.closed, 1)
})

test('a root that vanishes while it opens is missing', async t => {
  const { f, root, warnings } = makeRoot(t, async root => { rmSync(root, { recursive: true }); throw new Error('No such file or directory') })
  await root.start()
  t.match(root.status(), { state: 'degraded', reason: `${f.at('www')} does not exist; it will be watched as soon as it does` })
  t.strictSame(warnings, [])
})

test('hints that come after close are dropped', async t => {
  let late: HintListener | undefined
  const { f, root, differences } = makeRoot(t, async (_root, onHint) => { late = onHint; return handle() })
  await root.start()
  await root.close()
  f.write('www/page.html', 'two')
  t.equal(await late?.(undefined), false)
  root.tick()
  t.strictSame(differences, [])
})

test('what is not readable may still exist', t => {
  const before = { real: '/x', id: '1' }
  t.equal(identifyRoot('/nowhere/at/all', before), undefined)
  t.equal(identifyRoot('/'.padEnd(5000, 'x'), before), before)
  t.end()
})

test('until the process may be kept alive the root is polled, then natively watched', async t => {
  const keepAlive = new KeepAlive()
  const { f, root, counts, differences } = makeRoot(t, async () => handle(), { keepAlive })
  const started = root.start()
  keepAlive.stopWaiting()
  await started
  t.match(root.status(), { state: 'polling', reason: /does not listen yet/ })
  f.write('www/page.html', 'polled')
  await until(() => differences.length === 1, 'a difference')
  t.equal(counts.opened, 0)
  keepAlive.allow()
  await until(() => root.hasEvents && root.status().state === 'ok', 'native events')
  t.equal(counts.opened, 1)
})

test('where it is allowed before the first crawl, the root is never polled', async t => {
  const keepAlive = new KeepAlive()
  const { root, counts } = makeRoot(t, async () => handle(), { keepAlive })
  const started = root.start()
  keepAlive.allow()
  await started
  t.equal(root.status().state, 'ok')
  t.equal(counts.opened, 1)
})
