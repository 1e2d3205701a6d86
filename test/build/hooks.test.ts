// FAULTS.md 3.3: hooks, each row by its id.
import { readFileSync, writeFileSync, appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'tap'
import type { BuildFunction } from '../../types/build.js'
import { command } from '../../lib/build/command.js'
import { withHooks, type HookOptions } from '../../lib/build/hooks.js'
import { inProcess } from '../../lib/build/in-process.js'
import { temporary } from '../support/folder.js'
import { onPosix } from '../support/system.js'
import { contextOf, requestOf } from './conformance.js'

const dir = temporary(after)
after(() => command('true').close?.())
const request = requestOf({ cwd: dir })
const build = (run: BuildFunction, options: HookOptions, context = contextOf()) => withHooks(inProcess(run, { name: 'site' }), options).build(request, context)
const sh = (script: string) => ['sh', '-c', script]

test('H-001 a failing before: the build is skipped, the diagnostic has command, code and last lines', onPosix, async t => {
  let ran = false
  const result = await build(() => { ran = true }, { before: ['true', sh('echo why; exit 3'), 'never-reached'] })
  t.match(result, { ok: false, diagnostics: [{ severity: 'error', message: /^before hook: `sh -c echo why; exit 3` exited with code 3\nwhy$/ }] })
  t.equal(result.diagnostics.length, 1)
  t.notOk(ran)
})

test('H-002 a failing after: a warning by default, a failure by option', onPosix, async t => {
  t.match(await build(() => ({ pages: 1 }), { after: 'false' }), { ok: true, pages: 1, diagnostics: [{ severity: 'warning', message: /^after hook: `false` exited with code 1$/ }] })
  t.match(await build(() => ({ pages: 1 }), { after: 'false', afterFailure: 'fail' }), { ok: false, diagnostics: [{ severity: 'error' }] })
  t.match(await build(() => { throw new Error('bad') }, { after: sh('exit 9') }), { ok: false, diagnostics: [{ message: 'bad' }] }, 'not run after a failure')
})

test('H-003 never ends, ignores SIGTERM, floods, is killed: the same bounds', onPosix, async t => {
  t.match(await build(() => {}, { before: [sh('trap "" TERM; while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done')], timeout: 200 }), { ok: false, diagnostics: [{ message: /before hook: .*did not end within 200 ms/ }] })
  t.match(await build(() => {}, { after: [sh('kill -9 $$')] }), { ok: true, diagnostics: [{ severity: 'warning', message: /SIGKILL/ }] })
})

test('H-004 which of the things that can be wrong with it', async t => {
  t.match(await build(() => {}, { before: 'no-such-program-here' }), { diagnostics: [{ message: /before hook: .*was not found/ }] })
  t.throws(() => withHooks(inProcess(() => {}), { before: 'a && b' }), { code: 'FST_LIVE_RELOAD_COMMAND', message: /shell syntax \(&&\).*several hooks/ })
  t.throws(() => withHooks(inProcess(() => {}), { before: [7 as never] }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
  t.throws(() => withHooks(inProcess(() => {}), { timeout: 0 }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
})

test('H-005 a hook that edits sources comes before the build reads them', onPosix, async t => {
  const file = join(dir, 'source.txt')
  writeFileSync(file, 'raw')
  let read = ''
  t.match(await build(() => { read = readFileSync(file, 'utf8') }, { before: [sh('printf formatted > source.txt')] }), { ok: true })
  t.equal(read, 'formatted')
})

test('H-006 a hook kills its parent or its group', onPosix, async t => {
  t.match(await build(() => {}, { before: [sh('kill 0; sleep 5')] }), { ok: false, diagnostics: [{ message: /SIGTERM/ }] })
})

test('H-007 in order, and never two builds at once', onPosix, async t => {
  const file = join(dir, 'order.txt')
  writeFileSync(file, '')
  const note = (text: string) => appendFileSync(file, text)
  const builder = withHooks(inProcess(() => note('b')), { before: [sh('printf 1 >> order.txt'), () => note('2')], after: [() => note('3'), sh('printf "4 " >> order.txt')] })
  for (let i = 0; i < 2; i++) t.match(await builder.build(request, contextOf()), { ok: true })
  t.equal(readFileSync(file, 'utf8'), '12b34 12b34 ')
})

test('H-008 a function that throws, rejects late, or never ends', async t => {
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
