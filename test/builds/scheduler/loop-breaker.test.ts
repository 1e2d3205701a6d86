import { mkdirSync, statSync } from 'node:fs'
import { test, type Test } from 'tap'
import { createLoopBreaker, lastTouched } from '../../../lib/builds/scheduler/loop-breaker.js'
import { folder } from '../../support/folder.js'

/** The breaker on a clock that the test moves; files are written the moment they are told. */
function setUp (t: Test) {
  let now = 1_000_000
  let timer: { at: number, run: () => void } | undefined
  t.intercept(Date, 'now', { value: () => now })
  t.intercept(globalThis, 'setTimeout', { value: (run: () => void, ms: number) => { timer = { at: now + ms, run }; return { unref () {} } } })
  t.intercept(globalThis, 'clearTimeout', { value: () => { timer = undefined } })
  const builds: string[] = []
  const loops: string[] = []
  const written = new Map<string, number>()
  const breaker = createLoopBreaker({ build: paths => builds.push(paths.join()), looping: paths => loops.push(paths.join()), touched: path => written.get(path) })
  const pass = (ms: number) => {
    now += ms
    if (timer === undefined || timer.at > now) return
    const { run } = timer
    timer = undefined
    run()
  }
  const write = (path: string) => { written.set(path, now) }
  const save = (path: string) => {
    write(path)
    breaker.changed([path])
  }
  return { breaker, builds, loops, pass, write, save, waiting: () => timer !== undefined }
}

test('an ordinary change builds at once', async t => {
  const { breaker, builds } = setUp(t)
  breaker.ended()
  breaker.changed(['a'])
  t.same(builds, ['a'])
})

test('a build that changes what it watches is slowed down and named, however late its changes are seen', async t => {
  const { breaker, builds, loops, pass, write, save } = setUp(t)
  save('a')
  for (let i = 0; i < 20; i++) {
    const before = builds.length
    breaker.started()
    pass(50)
    write('out.js')
    pass(50)
    breaker.ended()
    pass(500)
    breaker.changed(['out.js'])
    pass(2000)
    if (builds.length === before) break
  }
  t.equal(builds.length, 9, '1 + 5 at once + 3 after a pause')
  t.same(loops, ['out.js'], 'told once')
  breaker.changed(['out.js'])
  t.same(loops, ['out.js'], 'still once')
  pass(30_000)
  t.equal(builds.at(-1), 'out.js', 'built late: it may have been a person')
  breaker.changed(['out.js'])
  t.same([loops.length, builds.length], [2, 10], 'told again, and not built at once')
  save('b')
  t.equal(builds.at(-1), 'out.js,b', 'an edit while nothing builds starts again')
})

test('what nothing is known of was changed now', async t => {
  const { breaker, builds, loops, pass } = setUp(t)
  for (let i = 0; i < 9; i++) {
    breaker.started()
    breaker.changed(['gone'])
    breaker.ended()
    pass(1500)
  }
  t.same(loops, ['gone'])
  breaker.changed(['gone'])
  t.equal(builds.at(-1), 'gone')
})

test('a person who saves during every build is recognised between them', async t => {
  const { breaker, builds, loops, pass, save } = setUp(t)
  for (let i = 0; i < 30; i++) {
    breaker.started()
    save(`during-${i}`)
    breaker.ended()
    pass(30)
    save(`after-${i}`)
  }
  t.same(loops, [])
  t.match(builds.at(-1), /after-29/)
})

test('the pause waits for the end of a running build; close forgets it', async t => {
  const { breaker, builds, pass, save, waiting } = setUp(t)
  for (let i = 0; i < 6; i++) {
    breaker.started()
    save('x')
    if (i < 5) breaker.ended()
  }
  const before = builds.length
  pass(1000)
  t.equal(builds.length, before, 'it still runs')
  breaker.ended()
  pass(1000)
  t.equal(builds.length, before + 1)
  breaker.started()
  save('x')
  t.equal(waiting(), true)
  breaker.close()
  t.equal(waiting(), false)
})

test('when a file was touched', async t => {
  const { at } = folder(t, { a: 'a' })
  t.ok(Math.abs((lastTouched(at('a')) ?? 0) - Date.now()) < 60_000)
  const rows: [gone: string, there: string][] = [['b', '.'], ['d/e/f', '.'], ['a/b', 'a'], ['dir/x', 'dir']]
  mkdirSync(at('dir'))
  for (const [gone, there] of rows) t.equal(lastTouched(at(gone)), statSync(at(there)).ctimeMs, gone)
  t.type(lastTouched('/nothing-is-here'), 'number')
})
