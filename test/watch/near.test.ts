// What follows a save within half a second is not delayed: directories are watched beside the native watcher.
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { test, type Test } from 'tap'
import { NearWatch } from '../../lib/watch/backends/near.js'
import { folder } from '../support/folder.js'
import { onLinux } from '../support/system.js'
import { until } from '../support/wait.js'
import { watching } from './watching.js'

/** The native watcher delays what follows an event by this long. */
const DELAY_MS = 50

test('saves of different files within half a second are not delayed, in any root', onLinux, async t => {
  const f = folder(t, { 'a/one.html': '0', 'a/d/two.css': '0', 'b/three.html': '0' })
  const seen = new Map<string, number>()
  const each = watching(t, [f.at('a'), f.at('b')], { backend: 'native' }, changes => { for (const { path } of changes) seen.set(path, performance.now()) })
  await each.watch.ready
  const times: number[] = []
  for (let i = 0; i < 12; i++) {
    const path = f.at(['a/one.html', 'a/d/two.css', 'b/three.html'][i % 3] as string)
    seen.clear()
    const began = performance.now()
    writeFileSync(path, String(i + 1))
    times.push(await until(() => seen.get(path), path) - began)
    await pause(100)
  }
  const [, ...followers] = times
  t.ok(followers.filter(ms => ms < DELAY_MS).length > followers.length / 2, `${times.map(Math.round)} ms`)
})

function near (t: Test, directories: readonly string[]) {
  const hints: string[][] = []
  const watch = new NearWatch({ directories: () => directories, onHint: paths => hints.push([...paths]) })
  watch.start()
  t.teardown(() => watch.close())
  return { watch, hints, hinted: (path: string) => until(() => hints.flat().includes(path), path) }
}

test('every directory of a small tree is watched from the first event on', onLinux, async t => {
  const f = folder(t, { 'a/x': '', 'b/x': '' })
  const { watch, hints, hinted } = near(t, [f.at('a'), f.at('b')])
  t.same(watch.watched, [])
  watch.follow([f.at('a/x')])
  t.same(watch.watched, [f.at('b'), f.at('a')])
  f.write('b/x', 'one')
  await hinted(f.at('b/x'))

  renameSync(f.at('b'), f.at('c'))
  mkdirSync(f.at('b'))
  await until(() => !watch.watched.includes(f.at('b')), 'another directory is in its place')
  watch.follow([f.at('b/x')])
  f.write('b/y', 'one')
  await hinted(f.at('b/y'))

  rmSync(f.at('a'), { recursive: true })
  await until(() => !watch.watched.includes(f.at('a')), 'removed')
  watch.follow([f.at('a/x')])
  t.same(watch.watched, [f.at('b')], 'what is gone is not watched')

  hints.length = 0
  for (let i = 0; i < 50; i++) writeFileSync(f.at(`b/${i}`), '')
  writeFileSync(f.at('b/last'), '')
  await until(() => {
    writeFileSync(f.at('b/y'), 'two')
    return hints.flat().includes(f.at('b/y'))
  }, 'the next save')
  t.same(hints.flat().filter(path => path === f.at('b/last')), [], 'a burst is left to the native watcher')
  watch.close()
  t.same(watch.watched, [])
})

test('a directory that is touched is no file of its name in it', onLinux, async t => {
  const f = folder(t, { 'a/x': '', 'b/x': '', 'b/b': '' })
  const { watch, hints, hinted } = near(t, [f.at('a'), f.at('b')])
  watch.follow([f.at('a/x')])
  for (const each of ['a', 'b']) utimesSync(f.at(each), 1, 1)
  await until(() => watch.watched.length === 0, 'both were told')
  t.same(hints.flat().filter(path => path !== f.at('b/b')), [])

  watch.follow([f.at('b/x')])
  f.write('b/b', 'one')
  await hinted(f.at('b/b'))
})

test('of a large tree the 200 directories of the latest events are watched', onLinux, async t => {
  const f = folder(t)
  const directories = Array.from({ length: 250 }, (_, i) => f.at(`d${i}`))
  for (const each of directories) mkdirSync(each)
  const { watch, hinted } = near(t, directories)
  watch.follow([f.at('d249/x')])
  t.equal(watch.watched.length, 200)
  t.equal(watch.watched.at(-1), f.at('d249'))
  f.write('d249/x', 'one')
  await hinted(f.at('d249/x'))
})

test('a file that comes and goes is seen in a root that was opened after an event in another one', onLinux, async t => {
  const f = folder(t, { 'other/x': '0' })
  const w = watching(t, [f.at('other'), f.at('views')], { backend: 'native', usedSince: () => true })
  await w.watch.ready
  f.write('other/x', '1')
  await w.told(f.at('other/x'))

  f.write('views/part/page.html', 'one')
  await w.told(f.at('views/part/page.html'))
  await w.settled()
  w.clear()
  f.write('other/x', '2')
  await w.told(f.at('other/x'))
  f.write('views/part/gone.html', 'two')
  // For as long as a page takes to be made of it.
  await pause(20)
  rmSync(f.at('views/part/gone.html'))
  await w.told(f.at('views/part/gone.html'))
})
