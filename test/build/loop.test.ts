import { test, type Test } from 'tap'
import { createLoopBreaker } from '../../lib/build/loop.js'

/** The breaker on a clock that the test moves. */
function setUp (t: Test) {
  let now = 0
  let timer: { at: number, run: () => void } | undefined
  t.intercept(performance, 'now', { value: () => now })
  t.intercept(globalThis, 'setTimeout', { value: (run: () => void, ms: number) => { timer = { at: now + ms, run }; return { unref () {} } } })
  t.intercept(globalThis, 'clearTimeout', { value: () => { timer = undefined } })
  const builds: string[] = []
  const loops: string[] = []
  const breaker = createLoopBreaker({ build: paths => builds.push(paths.join()), looping: paths => loops.push(paths.join()) })
  const pass = (ms: number) => {
    now += ms
    if (timer === undefined || timer.at > now) return
    const { run } = timer
    timer = undefined
    run()
  }
  return { breaker, builds, loops, pass, waiting: () => timer !== undefined }
}

test('an ordinary change builds at once', async t => {
  const { breaker, builds } = setUp(t)
  breaker.changed(['a'])
  t.same(builds, ['a'])
})

test('a build that changes what it watches is stopped and named', async t => {
  const { breaker, builds, loops, pass } = setUp(t)
  breaker.changed(['a'])
  for (let i = 0; i < 20; i++) {
    const before = builds.length
    breaker.started()
    breaker.changed(['out.js'])
    breaker.ended()
    pass(2000)
    if (builds.length === before) break
  }
  t.equal(builds.length, 9, '1 + 5 at once + 3 after a pause')
  t.same(loops, ['out.js'], 'told once')
  pass(5000)
  breaker.changed(['b'])
  t.equal(builds.at(-1), 'b', 'an edit while nothing builds starts again')
})

test('told once, while the same build goes on', async t => {
  const { breaker, loops, pass } = setUp(t)
  for (let i = 0; i < 9; i++) {
    breaker.started()
    breaker.changed(['x'])
    if (i === 8) breaker.changed(['x'])
    breaker.ended()
    pass(1500)
  }
  t.same(loops, ['x'])
})

test('a person who saves during builds is recognised in the pause', async t => {
  const { breaker, builds, loops, pass } = setUp(t)
  for (let i = 0; i < 30; i++) {
    breaker.started()
    breaker.changed([`during-${i}`])
    breaker.ended()
    pass(700)
    breaker.changed([`after-${i}`])
  }
  t.same(loops, [])
  t.match(builds.at(-1), /after-29/)
})

test('the pause waits for the end of a running build; close forgets it', async t => {
  const { breaker, builds, pass, waiting } = setUp(t)
  for (let i = 0; i < 6; i++) {
    breaker.started()
    breaker.changed(['x'])
    if (i < 5) breaker.ended()
  }
  const before = builds.length
  pass(1000)
  t.equal(builds.length, before, 'it still runs')
  breaker.ended()
  pass(1000)
  t.equal(builds.length, before + 1)
  breaker.started()
  breaker.changed(['x'])
  t.equal(waiting(), true)
  breaker.close()
  t.equal(waiting(), false)
})
