import { test, type Test } from 'tap'
import type { BuildContext, BuildRequest, BuildResult } from '../../../types/build.js'
import { createQueue } from '../../../lib/builds/scheduler/queue.js'
import { until } from '../../support/wait.js'

const OK: BuildResult = { ok: true, ms: 1, diagnostics: [] }

interface Run {
  readonly request: BuildRequest
  readonly context: BuildContext
  end (result?: BuildResult): void
  fail (error: unknown): void
}

/** A queue whose builds the test ends by hand. */
function setUp (t: Test, { obedient = true, timeout = 60_000 } = {}) {
  const runs: Run[] = []
  const told: string[] = []
  let closed = 0
  const queue = createQueue({
    name: 'site',
    cwd: '/project',
    timeout,
    builder: {
      name: 'by hand',
      build: (request, context) => new Promise((resolve, reject) => {
        runs.push({ request, context, end: (result = OK) => resolve(result), fail: reject })
        if (obedient) context.signal.addEventListener('abort', () => reject(context.signal.reason))
      }),
      warm: () => { told.push('warm') },
      close: async () => { closed++ }
    },
    started: ({ changed }) => told.push(`started ${changed.join()}`),
    progress: (_, { done, total }) => told.push(`progress ${done}/${total}`),
    ended: async (_, result) => { told.push(`ended ${result === undefined ? 'aborted' : result.ok ? 'ok' : 'failed'}`) },
    log: text => told.push(text),
    warn () {}
  })
  t.teardown(() => queue.close())
  const run = (i: number): Run => runs[i] as Run
  const settled = () => new Promise(resolve => setImmediate(resolve))
  return { queue, runs, run, told, settled, closed: () => closed }
}

test('one build', async t => {
  const { queue, run, told } = setUp(t)
  t.same(queue.status(), { state: 'idle', name: 'site' })
  const result = queue.request('start', [])
  t.equal(queue.busy, true)
  t.match(run(0).request, { id: /^site-\d+$/, reason: 'start', cwd: '/project', changed: [], incremental: false })
  t.equal(queue.status().state, 'started')
  run(0).context.log('hello')
  run(0).context.progress({ label: 'pages', done: 1, total: 2 })
  run(0).end()
  t.strictSame(await result, OK)
  t.match(queue.status(), { state: 'ok', ms: 1 })
  t.same(told, ['started ', 'hello', 'progress 1/2', 'ended ok'])
  t.equal(queue.busy, false)
})

test('progress of what goes on after its build is not told: pages would show a build that runs', async t => {
  for (const [how, told] of [['good', 'ended ok'], ['timed out', 'ended failed']] as const) {
    const { queue, run, told: seen } = setUp(t, { obedient: false, timeout: how === 'good' ? 60_000 : 20 })
    const result = queue.request('start', [])
    if (how === 'good') run(0).end()
    await result
    run(0).context.progress({ label: 'late', done: 1, total: 2 })
    t.same(seen, ['started ', told], how)
  }
})

test('incremental only after a good build, of known changes', async t => {
  const { queue, run } = setUp(t)
  const next = async (i: number, changed: string[], result: BuildResult) => {
    const done = queue.request('change', changed)
    run(i).end(result)
    await done
    return run(i).request.incremental
  }
  t.equal(await next(0, ['a'], OK), false, 'nothing was built yet')
  t.equal(await next(1, ['a'], { ...OK, ok: false }), true)
  t.equal(await next(2, ['a'], OK), false, 'the last one failed')
  t.equal(await next(3, [], OK), false, 'everything')
  t.equal(await next(4, ['a'], OK), true)
})

test('a newer change makes the running build stale: one runs, one waits', async t => {
  const { queue, runs, run, told, settled } = setUp(t)
  const results = [queue.request('change', ['a']), queue.request('change', ['b']), queue.request('change', ['c'])]
  t.equal(runs.length, 1)
  await settled()
  t.equal(runs.length, 2, 'one more for both')
  t.same(run(1).request.changed, ['a', 'b', 'c'], 'what the stale one was to build is not lost')
  run(0).context.progress({ label: 'late', done: 1, total: 1 })
  run(1).end()
  t.same(await Promise.all(results), [OK, OK, OK], 'everybody learns the result that covers them')
  t.same(told, ['started a', 'ended aborted', 'started a,b,c', 'ended ok'], 'a stale build tells nothing more')
})

test('what a build absorbs the next one has if it is aborted', async t => {
  const { queue, run, settled } = setUp(t)
  queue.absorb(['nobody builds'])
  queue.request('change', ['a'])
  queue.absorb(['b'])
  t.equal(run(0).context.signal.aborted, false)
  const last = queue.request('change', ['c'])
  await settled()
  t.same(run(1).request.changed, ['a', 'b', 'c'])
  run(1).end()
  await last
  const next = queue.request('change', ['d'])
  t.same(run(2).request.changed, ['d'])
  run(2).end()
  await next
})

test('everything stays everything', async t => {
  const { queue, run, settled } = setUp(t)
  queue.request('start', [])
  const last = queue.request('change', ['a'])
  await settled()
  t.match(run(1).request, { changed: [], reason: 'change', incremental: false })
  run(1).end()
  await last
})

test('a builder that ignores the signal is waited for, its result is dropped', async t => {
  const { queue, runs, run, settled } = setUp(t, { obedient: false })
  const first = queue.request('change', ['a'])
  queue.request('change', ['b'])
  await settled()
  t.equal(runs.length, 1, 'never two at once')
  run(0).end({ ...OK, ms: 99 })
  await settled()
  t.same(run(1).request.changed, ['a', 'b'])
  run(1).end()
  t.equal((await first).ms, 1)
})

test('changes that keep coming do not starve the build', async t => {
  const { queue, runs, run, settled } = setUp(t)
  for (let i = 0; i < 10; i++) {
    queue.request('change', [String(i)])
    await settled()
  }
  t.equal(runs.length, 4, 'three were given up, the fourth may end')
  t.equal(run(3).context.signal.aborted, false)
  run(3).end()
  await settled()
  t.equal(runs.length, 5, 'and one more has the rest')
  run(4).end()
})

test('a builder that rejects against the contract has failed', async t => {
  const { queue, run } = setUp(t)
  const result = queue.request('change', ['a'])
  run(0).fail(new Error('broken builder'))
  t.match(await result, { ok: false, diagnostics: [{ message: 'broken builder' }] })
  t.equal(queue.status().state, 'failed')
})

test('what can not be told of a build is logged, and the next one runs', async t => {
  let broken = true
  const told: string[] = []
  const queue = createQueue({
    name: 'site',
    cwd: '/project',
    timeout: 60_000,
    builder: { name: 'quick', build: async () => OK },
    started () {},
    progress () {},
    async ended () { if (broken) throw new TypeError('not iterable') },
    log () {},
    warn: text => told.push(text)
  })
  t.match(await queue.request('start', []), { ok: false, diagnostics: [{ message: 'TypeError: not iterable' }] })
  t.equal(queue.status().state, 'failed')
  t.same(told, ['how the build went could not be told: TypeError: not iterable'])
  broken = false
  t.match(await queue.request('change', ['a']), OK)
  await queue.close()
})

test('close aborts, answers who waits and closes the builder', async t => {
  const { queue, run, closed } = setUp(t)
  const results = [queue.request('change', ['a']), queue.request('change', ['b'])]
  await queue.close()
  t.equal(run(0).context.signal.aborted, true)
  for (const result of [...await Promise.all(results), await queue.request('manual', [])]) t.match(result, { ok: false, diagnostics: [{ message: /the app closes/ }] })
  t.equal(closed(), 1)
})

test('close, with nothing waiting', async t => {
  const { queue } = setUp(t)
  const result = queue.request('change', ['a'])
  await queue.close()
  t.match(await result, { diagnostics: [{ message: /the app closes/ }] })
})

test('a build that goes on past its time has failed, obedient or not', async t => {
  for (const obedient of [true, false]) {
    const { queue, run } = setUp(t, { obedient, timeout: 20 })
    t.match(await queue.request('change', ['a']), { ok: false, diagnostics: [{ message: 'the build did not end within 20 ms (build.timeout)' }] })
    t.equal(run(0).context.signal.aborted, true)
    const next = queue.request('change', ['b'])
    run(1).end()
    t.match(await next, { ok: true }, 'the next one builds')
  }
})

test('a builder that never settles after an abort is left behind', async t => {
  const { queue, run, runs } = setUp(t, { obedient: false })
  const first = queue.request('change', ['a'])
  queue.request('change', ['b'])
  await until(() => runs.length === 2, 'the next build')
  run(1).end()
  t.match(await first, { ok: true })
  const stuck = queue.request('change', ['c'])
  await queue.close()
  t.match(await stuck, { ok: false, diagnostics: [{ message: /the app closes/ }] })
})

test('warm', async t => {
  const { queue, told } = setUp(t)
  queue.warm()
  t.same(told, ['warm'])
})

test('a builder that fails beside its builds is logged and harms nobody', async t => {
  const no = () => { throw new Error('no') }
  const cases: [string, () => Promise<void>][] = [['at once', no], ['later', async () => no()], ['never ends', () => new Promise(() => {})]]
  for (const [name, fail] of cases) {
    const told: string[] = []
    const queue = createQueue({
      name: 'site',
      cwd: '/project',
      timeout: 60_000,
      builder: { name: 'own', build: async () => OK, warm: fail, close: fail },
      started () {},
      progress () {},
      async ended () {},
      log () {},
      warn: text => told.push(text)
    })
    queue.warm()
    t.match(await queue.request('start', []), OK, name)
    await queue.close()
    t.same(told, name === 'never ends' ? [] : ['warm() of the builder failed: no', 'close() of the builder failed: no'], name)
  }
})

test('without warm and close', async t => {
  const queue = createQueue({ name: 'site', cwd: '/', timeout: 1000, builder: { name: 'own', build: async () => OK }, started () {}, progress () {}, async ended () {}, log () {}, warn: t.fail })
  queue.warm()
  await queue.close()
  t.match(await queue.request('start', []), { ok: false })
})
