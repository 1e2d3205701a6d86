// Whether events of the system arrive is tried out once, with a file that comes and goes.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { HintListener, WatchBackend } from '../../lib/watch/backends/backend.js'
import { createNative } from '../../lib/watch/backends/native.js'
import { createPoll } from '../../lib/watch/backends/poll.js'
import type { WatchSettings } from '../../lib/watch/watch-settings.js'
import { manualClock } from '../support/clock.js'
import { folder } from '../support/folder.js'
import { until } from '../support/wait.js'
import { watching } from './watching.js'

const FILE = '.watch.live-reload-canary'
const DEAF = /a file that was made there for a moment was not reported within 2\.5 s/

/** A watch whose native backend is replaced; `hints` are the listeners of each opening. */
function watchingWith (t: Test, roots: string, settings: Partial<WatchSettings> = {}, native: Partial<WatchBackend> = {}) {
  const time = manualClock()
  const hints: HintListener[] = []
  const backends = {
    native: { followsNewDirectories: true, canOverlap: true, async open (_root: string, onHint: HintListener) { hints.push(onHint); return { async close () {} } }, ...native },
    poll: createPoll(time)
  }
  return { ...watching(t, roots, { pollInterval: 300, ...settings }, undefined, { clock: time, backends }), time, hints }
}

test('a backend that reports nothing is replaced by polling, with one warning', async t => {
  const f = folder(t, { 'www/page.html': 'one' })
  const w = watchingWith(t, f.at('www'))
  await w.watch.ready
  t.strictSame([w.watch.status().state, readdirSync(f.at('www'))], ['ok', ['page.html']], 'the start is not delayed, and nothing is left of the file')
  w.time.advance(300)
  t.ok(existsSync(f.at(`www/${FILE}`)), 'some systems report nothing of a file that is gone already')
  w.time.advance(2200)
  await until(() => w.watch.status().state === 'polling', 'polling')
  t.match(w.watch.status().reason, DEAF)
  t.strictSame(readdirSync(f.at('www')), ['page.html'])
  f.write('www/page.html', 'two')
  await until(() => { w.time.advance(100); return w.last(f.at('www/page.html')) === 'update' }, 'told by polling')
  t.equal(w.lines.length, 1)
  t.match(w.lines[0], { level: 'warn', text: /^live reload: polling .*www every 300 ms: a file/ })
  t.strictSame(w.all().map(({ path }) => path), [f.at('www/page.html')])

  rmSync(f.at('www'), { recursive: true })
  f.write('www/page.html', 'three')
  w.clear()
  await until(() => { w.time.advance(300); return w.last(f.at('www/page.html')) === 'update' }, 'told after the root was made anew')
  t.match(w.watch.status(), { state: 'polling', reason: DEAF }, 'another directory at the same place is no better')
  t.strictSame([w.hints.length, w.lines.length], [1, 1])
})

test('a backend that reports only what still exists is kept', async t => {
  const f = folder(t, { 'page.html': 'one' })
  const w = watchingWith(t, f.path)
  await w.watch.ready
  w.time.advance(300)
  t.equal(await w.hints[0]?.([f.at(FILE)]), false)
  t.strictSame(readdirSync(f.path), ['page.html'], 'the file is gone at once')
  w.time.advance(10_000)
  await w.watch.check()
  t.strictSame([w.watch.status().state, w.lines, w.all()], ['ok', [], []])
})

test('the native backend is heard, and a file that a killed process left is removed', async t => {
  const f = folder(t, { 'page.html': 'one', [FILE]: '' })
  let heard = 0
  const native = createNative()
  const w = watchingWith(t, f.path, {}, { ...native, open: (root, onHint, options) => native.open(root, paths => { heard++; return onHint(paths) }, options) })
  await w.watch.ready
  t.strictSame(readdirSync(f.path), ['page.html'])
  await until(() => heard > 0, 'an event')
  w.time.advance(10_000)
  await w.watch.check()
  t.strictSame([w.watch.status().state, w.lines, w.all()], ['ok', [], []])
})

test('where no file can be made nothing is learned, and nothing is said', async t => {
  const f = folder(t, { 'page.html': 'one' })
  mkdirSync(f.at(FILE))
  for (const root of [f.path, f.at('page.html')]) {
    const w = watchingWith(t, root)
    await w.watch.ready
    w.time.advance(10_000)
    t.strictSame([w.watch.status().state, w.lines], ['ok', []], root)
  }
})

test('a link at the place of the file is not written through', async t => {
  const f = folder(t, { 'www/page.html': 'one', 'secret.txt': 'kept' })
  symlinkSync(f.at('secret.txt'), f.at(`www/${FILE}`))
  const w = watchingWith(t, f.at('www'))
  await w.watch.ready
  w.time.advance(300)
  t.equal(readFileSync(f.at('secret.txt'), 'utf8'), 'kept')
})

test('with `native` by name nothing is tried', async t => {
  const f = folder(t, { 'page.html': 'one', [FILE]: 'kept' })
  const w = watchingWith(t, f.path, { backend: 'native' })
  await w.watch.ready
  w.time.advance(10_000)
  t.strictSame([w.watch.status().state, readFileSync(join(f.path, FILE), 'utf8')], ['ok', 'kept'])
})

test('a root that vanishes meanwhile is tried again when it is back', async t => {
  const f = folder(t, { 'www/page.html': 'one' })
  const w = watchingWith(t, f.at('www'))
  await w.watch.ready
  rmSync(f.at('www'), { recursive: true })
  await until(() => { w.time.advance(250); return w.watch.status().state === 'degraded' }, 'missing')
  w.time.advance(10_000)
  f.write('www/page.html', 'two')
  await until(() => { w.time.advance(250); return w.watch.status().state === 'polling' }, 'polling')
  t.equal(w.lines.length, 1)
})

test('a watch that is closed meanwhile leaves nothing behind', async t => {
  const f = folder(t, { 'page.html': 'one' })
  const w = watchingWith(t, f.path)
  await w.watch.ready
  w.time.advance(300)
  await w.watch.close()
  t.strictSame(readdirSync(f.path), ['page.html'])
  w.time.advance(10_000)
  t.strictSame(w.lines, [])
})
