// Executors under the tests' own loaders, so that what runs in the children is counted.
import { after, test } from 'tap'
import { isolated } from '../../../lib/builds/builders/isolated.js'
import { chooseExecutor } from '../../../lib/builds/executors/choose.js'
import { createExecutor } from '../../../lib/builds/executors/create.js'
import type { ExecutorKind } from '../../../lib/builds/executors/executor.js'
import { InlineExecutor } from '../../../lib/builds/executors/inline.js'
import { Pool } from '../../../lib/builds/executors/pool.js'
import { Sources, locateSyntaxError } from '../../../lib/builds/executors/sources/sources.js'
import { ThreadMember } from '../../../lib/builds/executors/thread.js'
import { typescriptArguments } from '../../../lib/builds/processes/node-arguments.js'
import { folder, temporary } from '../../support/folder.js'
import { until } from '../../support/wait.js'
import { contextOf, requestOf } from '../builders/conformance.js'

// Programs under test: what they print is caught, and their pauses are work that takes time.
const files: Record<string, string> = {
  'echo.mjs': 'export default data => data',
  'wait.mjs': 'export default (data, { signal, log }) => new Promise(resolve => { log("begun"); signal.addEventListener("abort", () => resolve("heard")); setInterval(() => {}, 1000) })',
  'stuck.mjs': 'export default (data, { signal, log }) => new Promise(() => { log("begun"); setInterval(() => {}, 1000) })',
  'raise.mjs': 'export default (data, { signal, log }) => new Promise(() => { log("begun"); signal.addEventListener("abort", () => setTimeout(() => { throw new Error("while it stops") })); setInterval(() => {}, 1000) })',
  'print.mjs': 'export default () => { console.log("printed"); process.stderr.write(Buffer.from("too")); return 1 }',
  'much.mjs': 'export default () => { for (let i = 0; i < 17_000; i++) process.stdout.write("x".repeat(99) + "\\n"); console.log("the end") }',
  'many.mjs': 'export default async (n, { log, progress }) => { for (let i = 0; i < 1100; i++) { log(i); progress({ label: "x", done: i, total: n }) } await new Promise(r => setTimeout(r, 90)); progress({ label: "y", done: 1, total: 1 }); progress({ label: "z", done: 2, total: 2 }); await new Promise(r => setTimeout(r, 90)) }',
  'unsent.mjs': 'export default (n, { progress }) => { progress({ label: "x", done: 1, total: 2 }); progress({ label: "x", done: 2, total: 2 }); setTimeout(() => {}, 60); return 1 }',
  'large.mjs': 'export default size => Buffer.alloc(size, 1)',
  'function.mjs': 'export default () => () => {}',
  'none.mjs': 'export const x = 1',
  'null.mjs': 'throw null',
  'nested.cjs': 'exports.default = () => "nested"; exports.__esModule = true; module.exports = { default: exports.default }',
  'uncaught.mjs': 'export default () => { setTimeout(() => { throw new Error("uncaught") }, 5); return new Promise(() => {}) }',
  'late.mjs': 'export default () => { setTimeout(() => { throw new Error("late") }, 300); return 1 }',
  'sooner.mjs': 'export default ms => new Promise(resolve => setTimeout(() => resolve("slow"), ms))',
  'types.ts': 'export default (data: number): number => data + 1',
  'unknown.foo': '',
  'exit.mjs': 'export default () => process.exit(4)',
  'leave.mjs': 'export default () => { setTimeout(() => process.exit(3), 60); return 1 }',
  'memory.mjs': 'export default () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)) }'
}
const dir = temporary(after)
const around = { env: {}, execArgv: [], memoryBytes: 2 ** 40, mayFork: true }
const make = (kind: ExecutorKind, log = (_text: string) => {}) => createExecutor({ kind, reason: '' }, {}, log)

for (const kind of ['process', 'thread'] as const) {
  test(`${kind}: one pool, many tasks`, async t => {
    const { at } = folder(t, files)
    const logged: string[] = []
    const executor = make(kind, text => logged.push(text))
    await executor.warm(at('echo.mjs'))
    t.equal(executor.kind, kind)
    const run = (name: string, data: unknown, options = {}) => executor.run({ file: at(name), data }, options)
    t.strictSame(await run('echo.mjs', { a: [1, new Date(0), 'ü'] }), { a: [1, new Date(0), 'ü'] })
    await t.rejects(run('echo.mjs', () => {}), { code: 'TASK_RESULT', message: /what the build is given is not plain data/ })

    for (const [name, what] of [['wait.mjs', 'heeds the abort'], ['stuck.mjs', 'ignores it'], ['raise.mjs', 'throws while it stops']] as const) {
      const stop = new AbortController()
      let begun = false
      const waiting = run(name, 0, { signal: stop.signal, timeout: 60_000, onLog: () => { begun = true } })
      waiting.catch(() => {})
      await until(() => begun, 'it has begun', 60_000)
      stop.abort(new Error('stale'))
      await t.rejects(waiting, { message: 'stale' }, what)
    }
    await t.rejects(run('stuck.mjs', 0, { timeout: 50 }), { code: 'TASK_TIMEOUT', message: /did not end within 50 ms/ })

    let tail = ''
    t.equal(await run('print.mjs', 0, { onOutput: (text: string) => { tail = text } }), 1)
    t.match(tail, /printed\ntoo/)
    await run('much.mjs', 0, { onOutput: (text: string) => { tail = text } })
    t.match(tail, /the end\n$/, 'also what a pipe cannot hold')
    t.equal(await run('print.mjs', 0), 1)
    const lines: string[] = []
    const seen: { label: string }[] = []
    await run('many.mjs', 1, { onLog: (text: string) => lines.push(text), onProgress: (progress: { label: string }) => seen.push(progress) })
    t.equal(lines.length, 1_001)
    t.match(seen[0], { label: 'x', total: 1 })
    t.match(seen.at(-1), { label: 'z', done: 2 })
    await run('many.mjs', 1)
    t.equal(await run('unsent.mjs', 1), 1)

    t.equal((await run('large.mjs', 5_000_000) as Uint8Array).length, 5_000_000)
    await t.rejects(run('large.mjs', 17_000_000), { code: 'TASK_RESULT', message: /too large: 16 MiB, at most 16/ })
    await t.rejects(run('function.mjs', 0), { code: 'TASK_RESULT', message: /not plain data/ })
    await t.rejects(run('none.mjs', 0), { code: 'TASK_THREW', message: /no default export/ })
    await t.rejects(run('null.mjs', 0), { code: 'TASK_THREW', message: 'the build threw null' })
    t.equal(await run('nested.cjs', 0), 'nested')
    t.equal(await run('types.ts', 1), 2, 'TypeScript, by the loader that is there')
    await t.rejects(run('unknown.foo', 0), { code: 'TASK_THREW' })
    await t.rejects(run('uncaught.mjs', 0), { code: 'TASK_THREW', message: 'uncaught' })
    t.equal(await run('late.mjs', 0), 1)
    await until(() => logged.some(line => line.includes('late')), 'it is logged')
    await t.rejects(run('exit.mjs', 0), { code: 'TASK_CRASHED', exitCode: 4, message: /exited with code 4/ })
    t.equal(await run('echo.mjs', 'after'), 'after')
    await Promise.all([executor.close(), executor.close()])
    await t.rejects(run('echo.mjs', 0), { code: 'EXECUTOR_CLOSED' })
    await executor.warm(at('echo.mjs'))
  })

  test(`${kind}: an earlier task that ends its child does not fail the next one`, async t => {
    const { at } = folder(t, files)
    const executor = make(kind)
    for (const name of ['leave.mjs', 'late.mjs']) {
      t.equal(await executor.run({ file: at(name), data: 0 }), 1)
      t.equal(await executor.run({ file: at('sooner.mjs'), data: 500 }), 'slow', name)
    }
    await executor.close()
  })
}

test('no program to start', async t => {
  const { execPath } = process
  const executor = make('process')
  process.execPath = '/nowhere/node'
  const run = executor.run({ file: dir, data: 0 })
  await t.rejects(run, { code: 'EXECUTOR_UNAVAILABLE', message: /ENOENT/ })
  process.execPath = execPath
  await executor.close()
})

test('a syntax error that no file has', async t => {
  const { at } = folder(t, { 'a.mjs': 'import { x } from "./b.mjs"\nexport default () => x', 'b.mjs': '' })
  const executor = make('thread')
  await t.rejects(executor.run({ file: at('a.mjs'), data: 0 }), { code: 'TASK_THREW', message: /does not provide an export named 'x'/ })
  await executor.close()
})

test('a thread out of memory is one diagnostic', async t => {
  const { at } = folder(t, files)
  const executor = new Pool({ kind: 'thread', start: owner => new ThreadMember(owner, { maxHeapMib: 32 }) })
  await t.rejects(executor.run({ file: at('memory.mjs'), data: 0 }), { code: 'TASK_CRASHED', message: /ran out of memory/ })
  await executor.close()
})

test('a system that refuses: the error says what can be done, and the build in the queue is dropped when the app closes', async t => {
  const short = Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })
  const executor = new Pool({ kind: 'thread', start () { throw short } })
  await executor.warm('/x')
  await t.rejects(executor.run({ file: '/x', data: 0 }), { code: 'EXECUTOR_UNAVAILABLE', message: /gives no thread: spawn EAGAIN; end other programs, or raise the limit/, cause: short })
  const stop = new AbortController()
  const aborted = executor.run({ file: '/x', data: 0 }, { signal: stop.signal })
  stop.abort(new Error('stale'))
  await t.rejects(aborted, { message: 'stale' })
  const closing = executor.run({ file: '/x', data: 0 })
  const closed = executor.close()
  await t.rejects(closing, { code: 'EXECUTOR_CLOSED' })
  await closed
})

test('isolated, with an executor by name and one of its own', async t => {
  // As the socket of a server does: a thread that is ending keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const { at } = folder(t, files)
  const builder = isolated(at('none.mjs'), { executor: 'inline', name: 'mine', timeout: 60_000 })
  t.equal(builder.name, 'mine')
  await builder.warm?.()
  const context = contextOf()
  for (let i = 0; i < 2; i++) t.match(await builder.build(requestOf({ cwd: dir }), context), { ok: false, diagnostics: [{ message: /no default export/ }] })
  t.match(context.lines, ["builds run in the server's process (option)"])
  await builder.close?.()
  t.equal(isolated(at('none.mjs'), { executor: 'inline' }).name, 'none.mjs')
  const odd = { kind: 'inline', async run () { throw new Error('of an executor') }, warm () {}, async close () {} } as const
  t.match(await isolated(at('none.mjs'), { executor: odd }).build(requestOf({ cwd: dir }), context), { ok: false, diagnostics: [{ message: 'of an executor' }] })
  const thread = isolated(at('late.mjs'), { executor: 'thread' })
  t.match(await thread.build(requestOf({ cwd: dir }), context), { ok: false, diagnostics: [{ message: /it must be an object, got 1/ }] })
  await until(() => context.lines.some(line => line.includes('late')), 'a late error is logged')
  await thread.close?.()
  t.throws(() => isolated(at('none.mjs'), { timeout: -1 }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
  t.throws(() => isolated(7 as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
})

test('sources: a module and what it imports', async t => {
  const at = folder(t, {
    'a.js': 'import x from "./b.js"\nexport * from \'./c\'\nimport("./d.js?x=1"); const e = require("./e"); import "node:fs"; import "pkg"; import "./nope.js"',
    'b.ts': '',
    'c.ts': 'import "./a.js"',
    'd.js': '',
    'e/index.js': ''
  })
  const sources = new Sources()
  const first = await sources.stamps(at.at('a.js'))
  const found = [...first].filter(([, stamp]) => stamp !== 'gone').map(([file]) => file)
  t.strictSame(found.sort(), ['a.js', 'b.ts', 'c.ts', 'd.js', 'e/index.js'].map(at.at))
  t.equal(first.get(at.at('nope.js')), 'gone', 'one that is missing may be created')
  t.equal(await sources.stamps(at.at('a.js')), first, 'unchanged')
  at.write('b.ts', 'export default 1')
  const second = await sources.stamps(at.at('a.js'))
  t.not(second.get(at.at('b.ts')), first.get(at.at('b.ts')), 'the changed file has another stamp')
  t.equal(second.get(at.at('a.js')), first.get(at.at('a.js')), 'others keep theirs')
  t.strictSame([...(await sources.stamps(at.at('missing.js'))).values()], ['gone'])
  at.write('many/0.js', Array.from({ length: 400 }, (_, i) => `import './${i}.js'`).join('\n'))
  for (let i = 1; i < 400; i++) at.write(`many/${i}.js`, '')
  t.equal((await sources.stamps(at.at('many/0.js'))).size, 300, 'no more files than the limit')
})

test('where a syntax error is', async t => {
  const at = folder(t, { 'a.mjs': 'export default 1', 'b.mjs': '\nconst = 1', 'c.ts': 'const = 1' })
  t.match(await locateSyntaxError([at.at('a.mjs'), at.at('c.ts'), at.at('b.mjs')]), { file: at.at('b.mjs'), line: 2, message: /SyntaxError/ })
  t.equal(await locateSyntaxError([at.at('a.mjs')]), undefined)
})

test('TypeScript: Node, a loader that is there, tsx, or nothing', async t => {
  const at = folder(t, { 'with/node_modules/tsx/package.json': '{"name":"tsx","exports":"./loader.mjs"}', 'with/node_modules/tsx/loader.mjs': '', 'with/build.ts': '', 'without/build.ts': '' })
  const old = { features: {}, execArgv: [], env: {} }
  const withTsx = at.at('with/build.ts')
  t.strictSame(typescriptArguments(at.at('with/build.js'), at.path, old), [], 'JavaScript')
  t.strictSame(typescriptArguments(withTsx, at.path, { ...old, features: { typescript: 'strip' } }), [], 'Node can')
  t.strictSame(typescriptArguments(withTsx, at.path, { ...old, execArgv: ['--import', 'tsx'] }), [], 'a loader is there')
  t.strictSame(typescriptArguments(withTsx, at.path, { ...old, env: { NODE_OPTIONS: '--require ts-node/register' } }), [], 'a loader is there')
  t.match(typescriptArguments(withTsx, '/', old), ['--import', /^file:.*loader\.mjs$/])
  t.match(typescriptArguments(at.at('without/build.ts'), at.at('with'), old), ['--import', /loader\.mjs$/])
  t.strictSame(typescriptArguments(at.at('without/build.ts'), '/', old), [])
})

test('where builds run: the environment, the option, then what this Node allows', async t => {
  const cases: [Parameters<typeof chooseExecutor>, object][] = [
    [['auto', around], { kind: 'process', reason: 'default' }],
    [[undefined, around], { kind: 'process' }],
    [['thread', around], { kind: 'thread', reason: 'option' }],
    [['thread', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: 'inline' } }], { kind: 'inline', reason: 'LIVE_RELOAD_BUILD_EXECUTOR' }],
    [['inline', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: 'auto' } }], { kind: 'inline' }],
    [['auto', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: '' } }], { kind: 'process' }],
    [['auto', { ...around, execArgv: ['--inspect-brk=1'] }], { kind: 'inline', reason: /debugger/ }],
    [['auto', { ...around, mayFork: false }], { kind: 'thread', reason: /permission/ }],
    [['auto', { ...around, memoryBytes: 100 * 1024 ** 2 }], { kind: 'thread', reason: /100 MiB/ }]
  ]
  for (const [given, expected] of cases) t.match(chooseExecutor(...given), expected)
  t.throws(() => chooseExecutor('fork' as never, around), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`executor`/ })
  t.throws(() => chooseExecutor('auto', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: 'fork' } }), { message: /LIVE_RELOAD_BUILD_EXECUTOR/ })
  t.match(chooseExecutor(), { kind: process.env.LIVE_RELOAD_BUILD_EXECUTOR ?? 'process' })
  Object.defineProperty(process, 'permission', { value: { has: () => false }, configurable: true })
  t.match(chooseExecutor(), { kind: process.env.LIVE_RELOAD_BUILD_EXECUTOR ?? 'thread' })
  Reflect.deleteProperty(process, 'permission')
})

test('inline: loads, runs, gives up, closes', async t => {
  const at = folder(t, {
    'ok.mjs': 'export default (data, { log, progress }) => { log(7); progress({ label: "x", done: 1, total: 1 }); return data }',
    'none.mjs': 'export const x = 1',
    'hang.mjs': 'export default () => new Promise(() => {})'
  })
  const executor = new InlineExecutor()
  executor.warm()
  const lines: string[] = []
  t.equal(await executor.run({ file: at.at('ok.mjs'), data: 3 }, { onLog: text => lines.push(text), onProgress: ({ label }) => lines.push(label) }), 3)
  t.strictSame(lines, ['7', 'x'])
  t.equal(await executor.run({ file: at.at('ok.mjs'), data: 4 }), 4)
  at.write('ok.mjs', 'export default () => "new"')
  t.equal(await executor.run({ file: at.at('ok.mjs'), data: 4 }), 'new')
  await t.rejects(executor.run({ file: at.at('none.mjs'), data: 0 }), { code: 'TASK_THREW', message: /no default export/ })
  await t.rejects(executor.run({ file: at.at('hang.mjs'), data: 0 }, { timeout: 30 }), { code: 'TASK_TIMEOUT' })
  await t.rejects(executor.run({ file: at.at('hang.mjs'), data: 0 }, { signal: AbortSignal.abort(new Error('stale')) }), { message: 'stale' })
  await executor.close()
  await t.rejects(executor.run({ file: at.at('ok.mjs'), data: 0 }), { code: 'EXECUTOR_CLOSED' })
})
