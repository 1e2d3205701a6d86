import { readFileSync, readdirSync } from 'node:fs'
import { test } from 'tap'
import { createDeadline, untilAborted } from '../../../lib/builds/scheduler/deadline.js'
import { causesOf, describe } from '../../../lib/builds/diagnostics/describe.js'
import { checkOutputs, toResult } from '../../../lib/builds/diagnostics/result.js'
import { combine, steps } from '../../../lib/builds/builders/steps.js'
import { writeOutputs } from '../../../lib/builds/builders/write-outputs.js'
import { folder } from '../../support/folder.js'
import { onPosix } from '../../support/system.js'
import { contextOf, requestOf } from '../builders/conformance.js'

const done = { ms: 5, request: { cwd: '/project' } }

test('a partial result becomes a whole one', async t => {
  const cases: [unknown, object][] = [
    [undefined, { ok: true, ms: 5, diagnostics: [] }],
    [null, { ok: true }],
    [{ ok: false }, { ok: false, diagnostics: [] }],
    [{ outputs: ['a', '/b'], pages: 2, output: 'x', meta: { a: 1 }, counts: { sources: 1, pages: 2, byKind: { content: 2 }, byFormat: { html: 3 }, files: 3 }, ms: 99, more: 1 }, { ok: true, ms: 5, outputs: ['/project/a', '/b'], pages: 2, output: 'x', meta: { a: 1 }, counts: { sources: 1, pages: 2, byKind: { content: 2 }, byFormat: { html: 3 }, files: 3 } }],
    [{ diagnostics: [{ severity: 'warning', message: 'w', file: 'f', line: 1, column: 2, frame: 'fr', stack: 'st', more: 1 }] }, { ok: true, diagnostics: [{ severity: 'warning', message: 'w', file: 'f', line: 1, column: 2, frame: 'fr', stack: 'st' }] }],
    [{ diagnostics: [{ severity: 'error', message: 'e' }] }, { ok: false }],
    [{ ok: null, outputs: null }, { ok: true }]
  ]
  for (const [given, expected] of cases) t.match(toResult(given, done), expected, JSON.stringify(given))
  t.notOk('more' in toResult({ more: 1 }, done))
  t.match(toResult({}, { ...done, output: 'printed' }), { output: 'printed' })
})

test('what does not fit is a failure that says what', async t => {
  const trap = { get ok () { throw new Error('trap') } }
  const cases: [unknown, RegExp][] = [
    [7, /it must be an object, got 7/],
    [[], /it must be an object/],
    [{ ok: 'yes' }, /`ok` must be a boolean, got "yes"/],
    [{ ok: Promise.resolve() }, /`ok` must be a boolean \(await it\)/],
    [{ outputs: 'a' }, /`outputs` must be an array/],
    [{ outputs: [1] }, /`outputs\[0\]` must be a string, got 1/],
    [{ outputs: [''] }, /`outputs\[0\]` must be a path/],
    [{ outputs: ['a\0'] }, /must be a path/],
    [{ pages: '1' }, /`pages` must be a number/],
    [{ meta: [] }, /`meta` must be an object/],
    [{ counts: 3 }, /`counts` must be an object/],
    [{ diagnostics: [1] }, /`diagnostics\[0\]` must be an object/],
    [{ diagnostics: [{ severity: 'fatal', message: '' }] }, /`diagnostics\[0\]\.severity` must be 'error' or 'warning', got "fatal"/],
    [{ diagnostics: [{ severity: 'error' }] }, /`diagnostics\[0\]\.message` must be a string/],
    [trap, /it cannot be read/]
  ]
  for (const [given, message] of cases) t.match(toResult(given, { ...done, output: 'p' }), { ok: false, ms: 5, output: 'p', diagnostics: [{ severity: 'error', message }] }, String(message))
})

test('relative outputs are in the directory of the build, in the working directory, or in the root that has them', t => {
  const { path: cwd, at } = folder(t, { 'dist/page.html': '', 'public/page.html': '', 'public/only.html': '', 'other/last.html': '' })
  const roots = [at('public'), at('other')]
  const outputsOf = (outputs: string[], request: object) => toResult({ outputs }, { ms: 5, request: { cwd, ...request } }).outputs
  t.strictSame(outputsOf(['dist/page.html', 'only.html', 'last.html', 'none.html', at('x')], { roots }), [at('dist/page.html'), at('public/only.html'), at('other/last.html'), at('none.html'), at('x')])
  t.strictSame(outputsOf(['page.html', 'public/only.html', at('x')], { roots, outDir: at('stage') }), [at('stage/page.html'), at('stage/public/only.html'), at('x')])
  t.strictSame(outputsOf(['only.html'], {}), [at('only.html')])
  t.end()
})

test('outputs that exist', async t => {
  const fine = toResult({ outputs: ['/'] }, done)
  t.equal(await checkOutputs(fine), fine)
  const failed = toResult({ ok: false, outputs: ['/nope'] }, done)
  t.equal(await checkOutputs(failed), failed)
  const none = toResult({}, done)
  t.equal(await checkOutputs(none), none)
})

test('anything thrown', async t => {
  const deep = new Error('a', { cause: new Error('b', { cause: new TypeError('c', { cause: 'd' }) }) })
  const endless = new Error('e')
  endless.cause = endless
  const trapped = new Error('x')
  Object.defineProperty(trapped, 'cause', { get () { throw new Error('trap') } })
  const cases: [unknown, string][] = [
    [deep, 'a (b; TypeError: c; d)'],
    [endless, 'e (e; e; e; e; e)'],
    [trapped, 'x'],
    [{ message: 'like an error', stack: 'at' }, 'like an error'],
    [{ code: 1 }, 'the build threw {"code":1}'],
    [null, 'the build threw null'],
    [Symbol('s'), 'the build threw Symbol(s)'],
    [new Proxy({}, { get () { throw new Error('trap') }, has () { throw new Error('trap') }, getPrototypeOf () { throw new Error('trap') } }), 'the build threw something that cannot be read'],
    [Object.assign(new Error('n'), { name: 7 }), 'n'],
    [Object.assign(new Error('x'.repeat(10_000)), { stack: 'y' }), `${'x'.repeat(8_192)}…`]
  ]
  for (const [thrown, message] of cases) t.equal(describe(thrown).message, message, message)
  const compilers: [fields: object, place: object][] = [
    [{ file: '/p/a.css', line: 3, column: 2 }, { file: '/p/a.css', line: 3, column: 2 }],
    [{ filename: 'a.pug', line: 4 }, { file: 'a.pug', line: 4, column: undefined }],
    [{ filename: 'a.pug', line: 0 }, { file: /result\.test/ }],
    [{ file: new URL('file:///x'), line: 1 }, { file: /result\.test/ }]
  ]
  for (const [fields, place] of compilers) t.match({ column: undefined, ...describe(Object.assign(new Error('x'), fields)) }, place, JSON.stringify(fields))
  t.equal(describe(Object.assign(new Error('x'), { name: 7 })).message, 'x')
  t.notOk('stack' in describe(Object.assign(new Error('x'), { stack: undefined })))
  t.equal(causesOf('thrown text'), '', 'what is no error has no causes')
})

test('a deadline', async t => {
  const late = createDeadline(undefined, 10)
  await t.rejects(untilAborted(new Promise(() => {}), late.signal), { message: 'not within 10 ms' })
  t.equal(late.timedOut, true)
  late.clear()
  const outer = new AbortController()
  const inner = createDeadline(outer.signal, 60_000)
  outer.abort(new Error('stale'))
  t.match(inner.signal.reason, { message: 'stale' })
  t.equal(inner.timedOut, false)
  inner.clear()
  t.equal(createDeadline(outer.signal).signal.aborted, true)
  const free = createDeadline(undefined)
  t.equal(free.signal.aborted, false)
  free.clear()
})

test('steps: in order, up to the first failure, everything added up', onPosix, async t => {
  const order: string[] = []
  const builder = steps(
    () => { order.push('1'); return { diagnostics: [{ severity: 'warning', message: 'w' }], outputs: ['/a'], pages: 1, output: 'x', meta: { a: 1 } } },
    { name: 'own', build: async () => { order.push('2'); return { ok: true, ms: 7, diagnostics: [], outputs: ['/b'], pages: 2, output: 'y', meta: { b: 2 } } }, warm () { order.push('warm') }, async close () { order.push('close') } }
  )
  t.equal(builder.name, 'step 1, own')
  const result = await builder.build(requestOf(), contextOf())
  t.match(result, { ok: true, diagnostics: [{ message: 'w' }], outputs: ['/a', '/b'], pages: 3, output: 'xy', meta: { a: 1, b: 2 } })
  t.ok(result.ms >= 7)
  builder.warm?.()
  await builder.close?.()
  t.strictSame(order, ['1', '2', 'warm', 'close'])
  const failing = steps('true', ['sh', '-c', 'exit 4'], () => { order.push('never') })
  t.equal(failing.name, 'true, sh, step 3')
  t.match(await failing.build(requestOf(), contextOf()), { ok: false, diagnostics: [{ message: /code 4/ }] })
  failing.warm?.()
  await failing.close?.()
  t.notOk(order.includes('never'))
  const stop = new AbortController()
  await t.rejects(steps(() => stop.abort(new Error('stale')), () => { order.push('never') }).build(requestOf(), contextOf(stop.signal)), { message: 'stale' })
  await t.rejects(steps(async () => { await null; stop.abort() }).build(requestOf(), contextOf(stop.signal)))
  t.notOk('outputs' in combine([{ ok: true, ms: 1, diagnostics: [], outputs: ['/a'] }, { ok: true, ms: 1, diagnostics: [] }]), 'a list that is not complete is no list')
})

test('steps: one that fails to warm or to close keeps nothing from the others', async t => {
  const order: string[] = []
  const build = async () => ({ ok: true, ms: 1, diagnostics: [] })
  const bad = (message: string) => ({ name: 'bad', build, warm () { throw new Error(message) }, async close () { throw new Error(message) } })
  const good = { name: 'good', build, async warm () { order.push('warm') }, async close () { order.push('close') } }
  const builder = steps(bad('first'), good, bad('second'))
  await t.rejects(Promise.resolve(builder.warm?.()), { message: 'first' })
  await t.rejects(Promise.resolve(builder.close?.()), { message: 'first' })
  t.strictSame(order, ['warm', 'close'])
})

test('files from memory: drafts are removed when the disk refuses', async t => {
  const at = folder(t, { 'dir/x': '' })
  const file = (name: string, text: string) => ({ path: at.at(name), contents: Buffer.from(text), hash: text })
  let written = await writeOutputs([file('a.js', '1'), file('b/c.html', '2')], new Map())
  written = await writeOutputs([file('a.js', '1'), file('b/d.html', '3')], written)
  t.strictSame(readdirSync(at.path, { recursive: true }).sort(), ['a.js', 'b', 'b/d.html', 'dir', 'dir/x'])
  await t.rejects(writeOutputs([file('a.js', '9'), file('dir/x/y', '1')], written), { code: /ENOTDIR|EEXIST/ })
  await t.rejects(writeOutputs([file('new.js', '9'), file('dir', '1')], written), { code: /EISDIR|ENOTEMPTY|EEXIST/ })
  t.strictSame(readdirSync(at.path).filter(name => name.startsWith('.')), [])
  t.equal(readFileSync(at.at('a.js'), 'utf8'), '1')
})
