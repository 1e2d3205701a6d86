import { test, type Test } from 'tap'
import type { BuildContext, Builder, BuildRequest, BuildResult } from '../../../types/build.js'
import type { HookWindow } from '../../../lib/builds/hooks/hooks.js'
import type { BuildSteps } from '../../../lib/builds/scheduler/scheduler.js'
import { OwnFiles } from '../../../lib/builds/scheduler/own-files.js'
import { Scheduler } from '../../../lib/builds/scheduler/scheduler.js'
import { until } from '../../support/wait.js'

const OK: BuildResult = { ok: true, ms: 1, diagnostics: [] }

interface Run {
  readonly request: BuildRequest
  readonly context: BuildContext
  readonly window: HookWindow
  end (result?: BuildResult): void
  fail (error: unknown): void
}

/** A scheduler whose builds the test ends by hand. */
function setUp (t: Test, { obedient = true, timeout = 60_000, builder = {} as Partial<Builder>, steps = {} as Partial<BuildSteps>, ageOf = undefined as ((path: string) => number) | undefined } = {}) {
  const runs: Run[] = []
  const heard: string[] = []
  const timers: { ms: number, run: () => void }[] = []
  let time = 0
  const scheduler = new Scheduler({
    name: 'site',
    cwd: '/project',
    timeout,
    ...ageOf && { ageOf },
    clock: {
      now: () => time,
      after (ms, run) {
        const timer = { ms, run }
        timers.push(timer)
        return () => { if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1) }
      }
    },
    builder: {
      name: 'by hand',
      build: (request, context, window) => new Promise((resolve, reject) => {
        runs.push({ request, context, window, end: (result = OK) => resolve(result), fail: reject })
        if (obedient) context.signal.addEventListener('abort', () => reject(context.signal.reason))
      }),
      ...builder
    },
    report: {
      log: (text, level = 'info') => { heard.push(`${level}: ${text}`) },
      started: ({ changed }) => { heard.push(`started ${changed.join()}`) },
      progress: (_, { done, total }) => { heard.push(`progress ${done}/${total}`) },
      ended: (_, result) => { heard.push(`ended ${result === undefined ? 'aborted' : result.ok ? 'ok' : 'failed'}`) },
      stopped: paths => { heard.push(`stopped ${paths.join()}`) },
      looping: paths => {
        heard.push(`looping ${paths.join()}`)
        return { severity: 'error', message: 'changes what it watches' }
      }
    }
  }, { async checkSources () {}, async checkOutputs () {}, finish () {}, ...steps })
  t.teardown(() => scheduler.close())
  /** Changes that are no stream. */
  const change = (...paths: string[]) => {
    time += 1000
    scheduler.change(paths.map(path => ({ path, type: 'update' })))
  }
  const run = (i: number): Run => runs[i] as Run
  const settled = () => new Promise(resolve => setImmediate(resolve))
  const wait = (ms: number) => { time += ms }
  return { scheduler, change, runs, run, heard, settled, timers, wait }
}

/** Lets an abandoned builder be left behind at once, and not after two seconds. */
function quicken (t: Test): void {
  const { setTimeout: real } = globalThis
  t.intercept(globalThis, 'setTimeout', { value: (run: () => void, ms: number, ...rest: []) => real(run, ms === 2_000 ? 1 : ms, ...rest) })
}

test('one build, from its start to its end', async t => {
  const { scheduler, run, heard } = setUp(t)
  t.same(scheduler.status(), { state: 'idle', name: 'site' })
  const result = scheduler.request('start')
  t.equal(scheduler.writingSince, 0)
  t.match(run(0).request, { id: /^site-\d+$/, reason: 'start', cwd: '/project', changed: [], incremental: false })
  t.equal(scheduler.status().state, 'started')
  run(0).context.log('hello')
  run(0).context.progress({ label: 'pages', done: 1, total: 2 })
  run(0).end()
  t.strictSame(await result, OK)
  t.match(scheduler.status(), { state: 'ok', ms: 1 })
  t.same(heard, ['started ', 'info: hello', 'progress 1/2', 'ended ok'])
  t.equal(scheduler.writingSince, undefined)
})

test('progress of a builder that goes on after its build is dropped: pages would show a build that does not run', async t => {
  for (const [how, end] of [['good', 'ended ok'], ['timed out', 'ended failed']] as const) {
    const { scheduler, run, heard } = setUp(t, { obedient: false, timeout: how === 'good' ? 60_000 : 20 })
    const result = scheduler.request('start')
    if (how === 'good') run(0).end()
    await result
    run(0).context.progress({ label: 'late', done: 1, total: 2 })
    t.same(heard, ['started ', end], how)
  }
})

test('a build is incremental after a good one, and when its changes are known', async t => {
  const { scheduler, change, run, settled } = setUp(t)
  const next = async (i: number, path: string, result: BuildResult) => {
    if (path === '') scheduler.request('manual')
    else change(path)
    run(i).end(result)
    await settled()
    return run(i).request.incremental
  }
  t.equal(await next(0, 'a', OK), false, 'nothing was built yet')
  t.equal(await next(1, 'a', { ...OK, ok: false }), true)
  t.equal(await next(2, 'a', OK), false, 'the last one failed')
  t.equal(await next(3, '', OK), false, 'everything')
  t.equal(await next(4, 'a', OK), true)
})

test('a newer change makes the running build stale; requests get the result of the build that covers them', async t => {
  const { scheduler, change, runs, run, heard, settled } = setUp(t)
  const first = scheduler.request('manual')
  change('a')
  const second = scheduler.request('manual')
  t.equal(runs.length, 1)
  await settled()
  t.equal(runs.length, 2, 'one more for both')
  run(0).context.progress({ label: 'late', done: 1, total: 1 })
  run(1).end()
  t.same(await Promise.all([first, second]), [OK, OK])
  t.same(heard, ['started ', 'stopped a', 'ended aborted', 'started ', 'ended ok'], 'a stale build reports nothing more')
})

test('a builder that ignores the signal is waited for, its result is dropped', async t => {
  const { scheduler, change, runs, run, settled } = setUp(t, { obedient: false })
  const first = scheduler.request('manual')
  change('b')
  await settled()
  t.equal(runs.length, 1, 'never two at once')
  run(0).end({ ...OK, ms: 99 })
  await settled()
  run(1).end()
  t.equal((await first).ms, 1)
})

test('changes that were gathered are built when their time has come', async t => {
  const { scheduler, runs, run, settled, timers } = setUp(t, { obedient: false })
  for (const path of ['a', 'b', 'c', 'd', 'e']) scheduler.change([{ path, type: 'update' }])
  t.same([run(0).request.changed, timers.length, timers[0]?.ms], [['a'], 1, 250])
  run(0).end()
  await settled()
  t.same(run(1).request.changed, ['a', 'b', 'c', 'd', 'e'], 'a build that begins takes them along')
  t.same(timers, [])
  run(1).end()
  await settled()
  scheduler.change([{ path: 'f', type: 'update' }])
  t.equal(runs.length, 2)
  timers[0]?.run()
  t.same(run(2).request.changed, ['f'])
  run(2).end()
})

test('what changes while hooks run belongs to their build: `takeChanges()` compares with the disk and returns it', async t => {
  const onDisk = ['c']
  const { change, runs, run, settled, scheduler } = setUp(t, { steps: { checkSources: async () => { if (onDisk.length > 0) scheduler.change(onDisk.splice(0).map(path => ({ path, type: 'update' }))) } } })
  change('a')
  const { window } = run(0)
  window.begin()
  change('b')
  t.same(await window.takeChanges(), ['b', 'c'])
  t.same(await window.takeChanges(), [], 'once')
  window.end(['d'])
  run(0).end()
  await settled()
  t.same(run(1).request.changed, ['d'], 'what no hook has seen is built next')
  change('e')
  await settled()
  t.same(run(2).request.changed, ['d', 'e'])
  run(2).window.begin()
  change('f')
  t.same(await run(2).window.takeChanges(), ['f'])
  const last = scheduler.request('manual')
  t.same(await run(2).window.takeChanges(), [], 'the hooks are stale')
  await settled()
  t.equal(runs.length, 4)
  run(3).end()
  t.match(await last, OK)
})

test('what a build writes into its sources does not stop it', async t => {
  const { scheduler, run, runs, heard, settled, wait } = setUp(t, { ageOf: () => 0 })
  const change = (type: 'create' | 'update' | 'delete', ...names: string[]) => {
    // Not a stream.
    wait(1000)
    scheduler.change(names.map(path => ({ path, type })))
  }
  const stopped = () => heard.filter(text => text.startsWith('stopped')).length
  const build = async (i: number) => {
    run(i).end()
    await settled()
  }
  scheduler.request('start')
  change('create', 'cache/1', 'cache/2')
  change('update', 'cache/1')
  change('delete', 'cache/2')
  t.equal(stopped(), 0, 'files that appear while it runs')
  change('update', 'sitemap.json')
  t.equal(stopped(), 1, 'a file that was there may have been saved')
  await settled()
  change('update', 'sitemap.json')
  t.equal(stopped(), 1, 'but not during the next build again')
  change('create', 'new.md')
  change('update', 'page.md')
  t.equal(stopped(), 2, 'and a save stops it as ever')
  await settled()
  t.equal(runs.length, 3)
  await build(2)
})

test('a build that hangs is stopped by what mends it, also where the build could have written that', async t => {
  const { scheduler, runs, run, heard, settled, timers, wait } = setUp(t, { ageOf: () => 0 })
  const save = async (path: string) => {
    wait(2000)
    scheduler.change([{ path, type: 'update' }])
    await settled()
  }
  scheduler.request('start')
  run(0).end()
  await settled()
  await save('a')
  await save('a')
  t.equal(runs.length, 3, 'begun again')
  await save('a')
  t.equal(runs.length, 3, 'it may be the build that writes it each time')
  t.match(timers, [{ ms: 1000 }], 'but such a build does not take so long')
  wait(1000)
  timers[0]?.run()
  await settled()
  t.equal(runs.length, 4)
  t.same(heard.filter(text => text.startsWith('stopped')), ['stopped a', 'stopped a'])
  t.same(run(3).request.changed, ['a'])
  for (const path of ['b', 'c']) await save(path)
  t.equal(runs.length, 6, 'the count of aborts has begun anew')
  await save('d')
  t.same(timers.map(({ ms }) => ms), [4000], 'the next one has twice the time')
  run(5).end()
  await settled()
  run(6).end()
  await settled()
  t.same(timers, [])
})

test('a slow first build that writes its own sources comes to its end', async t => {
  const { scheduler, runs, run, heard, settled, timers, wait } = setUp(t, { ageOf: () => 0 })
  const result = scheduler.request('start')
  for (let i = 0; i < 2; i++) {
    scheduler.change([{ path: 'generated', type: 'create' }])
    for (let time = 0; time < 60_000; time += 1000) {
      wait(1000)
      const due = timers.filter(timer => (timer.ms -= 1000) <= 0)
      for (const timer of due) timer.run()
      await settled()
      if (runs.length > i + 1) break
    }
  }
  t.equal(runs.length, 2)
  run(1).end()
  t.match(await result, OK)
  t.same(heard.filter(text => text.startsWith('stopped')), ['stopped generated'], 'stopped once')
})

test('a file that people edit between builds is theirs again', async t => {
  const files = new OwnFiles()
  const one = (type: 'create' | 'update') => [{ path: '/p/a', type }]
  t.equal(files.note(one('create'), 1), true)
  t.equal(files.note(one('update'), 1), true)
  files.forget(one('update'))
  t.equal(files.note(one('update'), 2), false)
  t.equal(files.note(one('update'), 2), false, 'saved twice during one build')
  t.equal(files.note(one('update'), 3), true)
  files.note(Array.from({ length: 10_001 }, (_, i) => ({ path: `/p/${i}`, type: 'create' })), 3)
  t.equal(files.note(one('update'), 4), false, 'no more than so many are known')
})

test('a build that changes what it watches is reported once', async t => {
  const { scheduler, change, runs, run, heard, settled, timers } = setUp(t, { ageOf: path => path === 'a' ? 1000 : 0 })
  change('a')
  for (let i = 0; i < 20 && timers[0]?.ms !== 30_000; i++) {
    run(i).end()
    await settled()
    scheduler.change([{ path: 'generated', type: 'create' }])
    if (timers[0]?.ms !== 30_000) timers[0]?.run()
  }
  t.equal(runs.length, 9, '1 + 5 at once + 3 behind a pause')
  t.match(heard.filter(text => text.startsWith('looping')), ['looping generated'])
})

test('what shows while the build still runs is reported after its result, and stays its status', async t => {
  const { scheduler, runs, run, heard, settled, timers } = setUp(t, { ageOf: () => 0 })
  const change = () => scheduler.change([{ path: 'generated', type: 'create' }])
  change()
  for (let i = 0; i < 20 && !heard.some(text => text.startsWith('looping')); i++) {
    change()
    run(i).end()
    await settled()
    while (runs.length === i + 1 && timers[0] !== undefined && timers[0].ms < 30_000) timers[0].run()
  }
  t.match(heard.slice(-2), ['ended ok', 'looping generated'])
  t.match(scheduler.status(), { state: 'failed', diagnostics: [{ message: 'changes what it watches' }] })
  const again = scheduler.request('manual')
  t.equal(scheduler.status().state, 'started')
  run(runs.length - 1).end()
  await again
  t.match(scheduler.status(), { state: 'ok' }, 'a build that leaves its sources alone')
})

test('a builder that rejects against the contract has failed', async t => {
  const { scheduler, run } = setUp(t)
  const result = scheduler.request('manual')
  run(0).fail(new Error('broken builder'))
  t.match(await result, { ok: false, diagnostics: [{ message: 'broken builder' }] })
  t.equal(scheduler.status().state, 'failed')
})

test('a result that cannot be handled is a failed build, and the next one runs', async t => {
  for (const step of ['checkOutputs', 'finish'] as const) {
    let broken = true
    const { scheduler, run, heard, settled } = setUp(t, { steps: { [step]: () => { if (broken) throw new TypeError('not iterable') } } })
    const first = scheduler.request('start')
    run(0).end()
    t.match(await first, { ok: false, diagnostics: [{ message: 'TypeError: not iterable' }] }, step)
    t.equal(scheduler.status().state, 'failed')
    t.equal(heard.at(-1), 'warn: the result of the build could not be handled: TypeError: not iterable')
    broken = false
    await settled()
    const second = scheduler.request('manual')
    run(1).end()
    t.match(await second, OK)
  }
})

test('close aborts, answers requests and closes the builder', async t => {
  let closed = 0
  const { scheduler, change, run } = setUp(t, { builder: { close: async () => { closed++ } } })
  const results = [scheduler.request('manual'), scheduler.request('manual')]
  await scheduler.close()
  t.match([run(0).context.signal.aborted, run(0).context.signal.reason.message], [true, 'a newer change made this build stale'])
  for (const result of [...await Promise.all(results), await scheduler.request('manual')]) t.match(result, { ok: false, diagnostics: [{ message: /the app closes/ }] })
  change('a')
  t.equal(scheduler.writingSince, undefined, 'nothing is built any more')
  t.equal(closed, 1)
})

test('close, with nothing waiting', async t => {
  const { scheduler, run } = setUp(t)
  const result = scheduler.request('manual')
  await scheduler.close()
  t.match(await result, { diagnostics: [{ message: /the app closes/ }] })
  t.equal(run(0).context.signal.reason.message, 'the app closes')
})

test('a build that goes on past its `timeout` has failed, obedient or not', async t => {
  for (const obedient of [true, false]) {
    const { scheduler, run } = setUp(t, { obedient, timeout: 20 })
    t.match(await scheduler.request('manual'), { ok: false, diagnostics: [{ message: 'the build did not end within 20 ms (build.timeout)' }] })
    t.equal(run(0).context.signal.aborted, true)
    const next = scheduler.request('manual')
    run(1).end()
    t.match(await next, { ok: true }, 'the next one builds')
  }
})

test('a builder that never settles after an abort is left behind', async t => {
  quicken(t)
  const { scheduler, change, run, runs } = setUp(t, { obedient: false })
  const first = scheduler.request('manual')
  change('b')
  await until(() => runs.length === 2, 'the next build')
  run(1).end()
  t.match(await first, { ok: true })
  const stuck = scheduler.request('manual')
  await scheduler.close()
  t.match(await stuck, { ok: false, diagnostics: [{ message: /the app closes/ }] })
})

test('`warm` prepares the builder', async t => {
  let warm = 0
  const { scheduler } = setUp(t, { builder: { warm () { warm++ } } })
  scheduler.warm()
  t.equal(warm, 1)
})

test('a builder whose `warm` or `close` fails is logged and harms nobody', async t => {
  quicken(t)
  const fail = () => { throw new Error('no') }
  const cases: [string, () => Promise<void>][] = [['at once', fail], ['later', async () => fail()], ['never ends', () => new Promise(() => {})]]
  for (const [name, run] of cases) {
    const { scheduler, heard } = setUp(t, { builder: { build: async () => OK, warm: run, close: run } })
    scheduler.warm()
    t.match(await scheduler.request('start'), OK, name)
    await scheduler.close()
    t.same(heard.filter(text => text.startsWith('warn')), name === 'never ends' ? [] : ['warn: warm() of the builder failed: no', 'warn: close() of the builder failed: no'], name)
  }
})
