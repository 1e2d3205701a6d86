// Hooks before and after a builder: what fails, in which order, and what changes while they run.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, test } from 'tap'
import type { BuildFunction, Builder } from '../../../types/build.js'
import { command } from '../../../lib/builds/builders/command.js'
import type { HookEvent } from '../../../lib/builds/hooks/hook-steps.js'
import { withHooks as around, type HookOptions, type HookWindow } from '../../../lib/builds/hooks/hooks.js'
import { inProcess } from '../../../lib/builds/builders/in-process.js'
import { temporary } from '../../support/folder.js'
import { onPosix } from '../../support/system.js'
import { until } from '../../support/wait.js'
import { contextOf, requestOf } from '../builders/conformance.js'

const dir = temporary(after)
after(() => command('true').close?.())
const request = requestOf({ cwd: dir })
/** No source changes, unless a test says so. */
const quiet: HookWindow = { begin () {}, takeChanges: async () => [], end () {} }
const withHooks = (builder: Builder, options: HookOptions, window = quiet): Builder => {
  const hooked = around(builder, options)
  return { ...hooked, build: (request, context) => hooked.build(request, context, window) }
}
const build = (run: BuildFunction, options: HookOptions, context = contextOf()) => withHooks(inProcess(run, { name: 'site' }), options).build(request, context)
const sh = (script: string) => ['sh', '-c', script]

test('a failing before: the build is skipped, the diagnostic has command, code and last lines', onPosix, async t => {
  let ran = false
  const result = await build(() => { ran = true }, { before: ['true', sh('echo why; exit 3'), 'never-reached'] })
  t.match(result, { ok: false, diagnostics: [{ severity: 'error', message: /^before hook: `sh -c echo why; exit 3` exited with code 3\nwhy$/ }] })
  t.equal(result.diagnostics.length, 1)
  t.notOk(ran)
})

test('a failing after: a warning by default, a failure by option', onPosix, async t => {
  t.match(await build(() => ({ pages: 1 }), { after: 'false' }), { ok: true, pages: 1, diagnostics: [{ severity: 'warning', message: /^after hook: `false` exited with code 1$/ }] })
  t.match(await build(() => ({ pages: 1 }), { after: 'false', afterFailure: 'fail' }), { ok: false, diagnostics: [{ severity: 'error' }] })
  t.match(await build(() => { throw new Error('bad') }, { after: sh('exit 9') }), { ok: false, diagnostics: [{ message: 'bad' }] }, 'not run after a failure')
})

test('what an `after` wrote is in no list: it gives none', async t => {
  const cases: [name: string, options: HookOptions, outputs: string[] | undefined, ok?: boolean][] = [
    ['no hooks', {}, [dir]],
    ['before', { before: () => {} }, [dir]],
    ['an empty list', { after: [] }, [dir]],
    ['after', { after: () => {} }, undefined],
    ['after, and it fails', { after: () => { throw new Error('half') } }, undefined],
    ['after a failure it does not run', { after: () => {} }, [dir], false]
  ]
  for (const [name, options, outputs, ok = true] of cases) {
    const result = await build(() => ({ ok, outputs: [dir], pages: 1 }), options)
    t.match(result, { ok, pages: 1 }, name)
    t.strictSame(result.outputs, outputs, name)
  }
})

test('never ends, ignores SIGTERM, floods, is killed: the same bounds', onPosix, async t => {
  t.match(await build(() => {}, { before: [sh('trap "" TERM; while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done')], timeout: 200 }), { ok: false, diagnostics: [{ message: /before hook: .*did not end within 200 ms/ }] })
  t.match(await build(() => {}, { after: [sh('kill -9 $$')] }), { ok: true, diagnostics: [{ severity: 'warning', message: /SIGKILL/ }] })
})

test('which of the things that can be wrong with it', async t => {
  t.match(await build(() => {}, { before: 'no-such-program-here' }), { diagnostics: [{ message: /before hook: .*was not found/ }] })
  t.throws(() => withHooks(inProcess(() => {}), { before: 'a && b' }), { code: 'FST_LIVE_RELOAD_INVALID_COMMAND', message: /shell syntax \(&&\).*several hooks/ })
  t.throws(() => withHooks(inProcess(() => {}), { before: 'NODE_ENV=production webpack' }), { code: 'FST_LIVE_RELOAD_INVALID_COMMAND', message: /begins with a variable \(NODE_ENV\).* set it by `env`/ })
  t.match(await build(() => {}, { before: [['A=1', 'x']] }), { diagnostics: [{ message: /the program A=1 was not found/ }] })
  t.throws(() => withHooks(inProcess(() => {}), { before: [7 as never] }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
  t.throws(() => withHooks(inProcess(() => {}), { timeout: 0 }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
})

test('a hook that edits sources comes before the build reads them', onPosix, async t => {
  const file = join(dir, 'source.txt')
  writeFileSync(file, 'raw')
  let read = ''
  t.match(await build(() => { read = readFileSync(file, 'utf8') }, { before: [sh('printf formatted > source.txt')] }), { ok: true })
  t.equal(read, 'formatted')
})

test('a hook kills its parent or its group', onPosix, async t => {
  t.match(await build(() => {}, { before: [sh('kill 0; sleep 5')] }), { ok: false, diagnostics: [{ message: /SIGTERM/ }] })
})

test('hooks run until they ran from the first to the last and nothing changed', async t => {
  const cases: [name: string, found: string[][], given: string[], ran: string, changed: string[], unseen: string[]][] = [
    ['nothing changes', [[], []], ['a'], '12b', ['a'], []],
    ['the first formats', [['f'], [], []], ['a'], '112b', ['a', 'f'], []],
    ['the second formats', [[], ['f'], [], []], ['a'], '1212b', ['a', 'f'], []],
    ['a person saves again and again', [['f'], ['a'], [], []], ['a'], '1112b', ['a', 'f'], []],
    ['everything is built', [['f'], [], []], [], '112b', [], []],
    ['each time something else', [['f'], [], ['f'], ['f'], ['g']], ['a'], '11212b', ['a', 'f', 'g'], ['f', 'g']]
  ]
  for (const [name, found, given, ran, changed, unseen] of cases) {
    const batches = [...found]
    const closed: (readonly string[])[] = []
    const window = { ...quiet, takeChanges: async () => batches.shift() as string[], end: (paths: readonly string[]) => { closed.push(paths) } }
    let text = ''
    let told: readonly string[] = []
    const note = (letter: string) => () => { text += letter }
    const builder = withHooks(inProcess(request => {
      text += 'b'
      told = request.changed
    }), { before: [note('1'), note('2')], after: request => { t.strictSame(request.changed, changed) } }, window)
    t.match(await builder.build(requestOf({ cwd: dir, changed: given }), contextOf()), { ok: true }, name)
    t.strictSame([text, told, closed, batches], [ran, changed, [unseen], []], name)
  }
})

test('a hook that mends what it finds, and fails', async t => {
  const batches = [['f'], []]
  const window = { ...quiet, takeChanges: async () => batches.shift() as string[] }
  let runs = 0
  const fix = () => { if (++runs < 2) throw new Error('fixed one') }
  t.match(await withHooks(inProcess(() => ({ pages: 1 })), { before: fix }, window).build(request, contextOf()), { ok: true, pages: 1, diagnostics: [] }, 'what it said first is over')
  t.equal(runs, 2)
})

test('an abort while the sources are looked at', async t => {
  const stop = new AbortController()
  const window = { ...quiet, takeChanges: () => new Promise<string[]>(() => { stop.abort(new Error('stale')) }), end: () => t.fail('nothing was seen') }
  await t.rejects(withHooks(inProcess(() => { t.fail('built') }), { before: () => {} }, window).build(request, contextOf(stop.signal)), { message: 'stale' })
})

test('in order', onPosix, async t => {
  const file = join(dir, 'order.txt')
  writeFileSync(file, '')
  const note = (text: string) => appendFileSync(file, text)
  const builder = withHooks(inProcess(() => note('b')), { before: [sh('printf 1 >> order.txt'), () => note('2')], after: [() => note('3'), sh('printf "4 " >> order.txt')] })
  for (let i = 0; i < 2; i++) t.match(await builder.build(request, contextOf()), { ok: true })
  t.equal(readFileSync(file, 'utf8'), '12b34 12b34 ')
})

/** A function that ignores its signal; the test ends each of its runs. */
function deafHook () {
  const ends: (() => void)[] = []
  const lines: string[] = []
  const deaf = async () => {
    const run = ends.length + 1
    lines.push(`in ${run}`)
    await new Promise<void>(resolve => ends.push(resolve))
    lines.push(`out ${run}`)
  }
  const turns = async () => { for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve)) }
  return { deaf, ends, lines, turns }
}

test('a hook that goes on after an abort: those of the next build wait for its end', async t => {
  for (const [kind, make] of Object.entries<(deaf: () => Promise<void>, other: () => void) => HookOptions>({
    before: deaf => ({ before: deaf }),
    'before, after another one': (deaf, other) => ({ before: [other, deaf] }),
    after: deaf => ({ after: deaf })
  })) {
    const { deaf, ends, lines, turns } = deafHook()
    const builder = withHooks(inProcess(() => { lines.push('build') }), make(deaf, () => { lines.push('other') }))
    const stop = new AbortController()
    const first = builder.build(request, contextOf(stop.signal))
    await until(() => ends.length === 1, 'inside')
    stop.abort(new Error('stale'))
    await t.rejects(first, { message: 'stale' })
    const begun = lines.length
    const middle = new AbortController()
    const given = builder.build(request, contextOf(middle.signal))
    const last = builder.build(request, contextOf())
    await turns()
    middle.abort(new Error('stale, too'))
    await t.rejects(given, { message: 'stale, too' })
    t.equal(lines.length, begun, `${kind}: nothing begins`)
    ends[0]?.()
    await until(() => ends.length === 2, 'the second')
    ends[1]?.()
    t.match(await last, { ok: true })
    t.strictSame(lines.filter(line => /in|out/.test(line)), ['in 1', 'out 1', 'in 2', 'out 2'], kind)
  }
})

test('a build waits five seconds, and no longer, for a hook that never ends', async t => {
  const { setTimeout: real } = globalThis
  t.intercept(globalThis, 'setTimeout', { value: (run: () => void, ms: number) => real(run, ms === 5_000 ? 1 : ms) })
  const { deaf, ends } = deafHook()
  const builder = withHooks(inProcess(() => {}), { before: deaf, timeout: 20 })
  for (const i of [1, 2]) {
    t.match(await builder.build(request, contextOf()), { ok: false, diagnostics: [{ message: 'before hook deaf: did not end within 20 ms' }] })
    t.equal(ends.length, i, 'it was called')
  }
})

test('a function that throws, rejects late, or never ends', async t => {
  const unhandled: unknown[] = []
  const listen = (error: unknown) => { unhandled.push(error) }
  process.on('unhandledRejection', listen)
  t.teardown(() => process.removeListener('unhandledRejection', listen))
  t.match(await build(() => {}, { before: function tidy () { throw new Error('no') } }), { ok: false, diagnostics: [{ message: 'before hook tidy: no' }] })
  let fail = (_error: Error): void => {}
  const late = () => new Promise((_resolve, reject) => { fail = reject })
  t.match(await build(() => {}, { before: [late, () => {}], timeout: 20 }), { ok: false, diagnostics: [{ message: 'before hook late: did not end within 20 ms' }] })
  t.match(await build(() => {}, { before: [() => new Promise(() => {})], timeout: 20 }), { ok: false, diagnostics: [{ message: /\(anonymous function\): did not end/ }] })
  fail(new Error('late'))
  // Node tells of a rejection that nobody handles before the next turn of its loop.
  await new Promise(resolve => setImmediate(resolve))
  t.strictSame(unhandled, [])
})

test('an abort inside of a hook, and between', onPosix, async t => {
  for (const before of [[sh('sleep 60')], [() => new Promise(() => {})]]) {
    const stop = new AbortController()
    const result = build(() => {}, { before }, contextOf(stop.signal))
    setTimeout(() => stop.abort(new Error('stale')), 60)
    await t.rejects(result, { message: 'stale' })
  }
  const stop = new AbortController()
  await t.rejects(build(() => {}, { before: [() => stop.abort(new Error('stale')), 'true'] }, contextOf(stop.signal)), { message: 'stale' })
})

test('the begin and the end of each hook are told', onPosix, async t => {
  const events: HookEvent[] = []
  const run = (options: HookOptions, context = contextOf()) => around(inProcess(() => {}), options, event => { events.push(event) }).build(request, context, quiet)
  const told = () => events.splice(0).map(({ kind, name, end }) => `${kind} ${name} ${end === undefined ? 'begins' : `${end.outcome} ${end.ms >= 0}`}`)
  await run({ before: [sh('exit 0'), function check () {}], after: 'false' })
  t.strictSame(told(), ['before sh begins', 'before sh ok true', 'before check begins', 'before check ok true', 'after false begins', 'after false failed true'])
  const stop = new AbortController()
  function hang () {
    stop.abort(new Error('stale'))
    return new Promise<void>(() => {})
  }
  await t.rejects(run({ before: hang }, contextOf(stop.signal)))
  t.strictSame(told(), ['before hang begins', 'before hang aborted true'])
})

test('keeps what it wraps', async t => {
  const calls: string[] = []
  const builder = withHooks({ name: 'mine', build: async () => ({ ok: true, ms: 1, diagnostics: [] }), warm () { calls.push('warm') }, async close () { calls.push('close') } }, { before: 'true', after: () => {} })
  t.equal(builder.name, 'mine')
  builder.warm?.()
  await builder.close?.()
  t.strictSame(calls, ['warm', 'close'])
  const bare = withHooks({ name: 'bare', build: async () => ({ ok: true, ms: 1, diagnostics: [] }) }, {})
  bare.warm?.()
  await bare.close?.()
  t.match(await bare.build(request, contextOf()), { ok: true, ms: 1 })
})

test('a hook with options of its own: directory, environment and time limit', onPosix, async t => {
  mkdirSync(join(dir, 'sub'), { recursive: true })
  const write = sh('printf "%s %s" "$PWD" "$WHO" > "$OUT"')
  for (const cwd of ['sub', pathToFileURL(join(dir, 'sub'))]) {
    t.match(await build(() => {}, { before: { run: write, cwd, env: { WHO: 'me', OUT: join(dir, 'told') } } }), { ok: true, diagnostics: [] })
    t.equal(readFileSync(join(dir, 'told'), 'utf8'), `${join(dir, 'sub')} me`)
  }
  t.match(await build(() => {}, { before: ['true', { run: 'sleep 60', timeout: 50 }] }), { ok: false, diagnostics: [{ message: /^before hook: `sleep 60` did not end within 50 ms/ }] })
  t.match(await build(() => {}, { after: { run: () => new Promise(() => {}), timeout: 20 }, afterFailure: 'fail' }), { ok: false, diagnostics: [{ message: 'after hook run: did not end within 20 ms' }] })
  let ran = 0
  t.match(await build(() => {}, { before: { run: () => { ran++ } }, timeout: 1_000 }), { ok: true })
  t.equal(ran, 1)
})

test('wrong hooks are refused when the app starts', t => {
  const rows: [HookOptions, RegExp][] = [
    [{ before: 3 as never }, /option `before` must be a command, a function or \{ run, cwd\?, env\?, timeout\? \}, got 3$/],
    [{ after: [null as never] }, /option `after` must be a command, /],
    [{ before: {} as never }, /option `before\.run` must be a command or a function, got undefined$/],
    [{ before: { run: 'true', shell: true } as never }, /unknown option `before\.shell`; known are run, cwd, env, timeout$/],
    [{ before: { run: 'true', name: 'x' } as never }, /unknown option `before\.name`/],
    [{ before: { run: 'true', timeout: 0 } }, /option `before\.timeout` must be a whole number/],
    [{ after: { run: 'true', env: { A: 1 as never } } }, /option `after\.env\.A` must be a text, got 1$/],
    [{ after: { run: 'true', cwd: '' } }, /option `after\.cwd` must be a path or a file: URL, got ""$/],
    [{ after: { run () {}, cwd: '.' } }, /option `after\.cwd` must be absent beside a function, which runs in the server, got "\."$/],
    [{ after: { run () {}, env: {} } }, /option `after\.env` must be absent/],
    [{ after: { run: 'a && b' } }, /shell syntax/]
  ]
  for (const [options, message] of rows) t.throws(() => withHooks(inProcess(() => {}), options), { message }, String(message))
  t.end()
})
