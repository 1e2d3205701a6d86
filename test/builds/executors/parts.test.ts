import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { test } from 'tap'
import { choose, createExecutor, inlineExecutor, mayFork, withFallback } from '../../../lib/builds/executors/choose.js'
import { isInnocent, taskError } from '../../../lib/builds/executors/failure.js'
import { createFrameReader, encodeFrame } from '../../../lib/builds/executors/frames.js'
import { readMessage } from '../../../lib/builds/executors/messages.js'
import { printed } from '../../../lib/builds/executors/printed.js'
import { serve } from '../../../lib/builds/executors/serve.js'
import { createSlots } from '../../../lib/builds/executors/slots.js'
import { createSources, isStale } from '../../../lib/builds/executors/sources.js'
import { locateSyntaxError } from '../../../lib/builds/executors/syntax.js'
import { typescriptArguments } from '../../../lib/builds/executors/typescript.js'
import { MARK, createMark } from '../../../lib/builds/processes/group.js'
import { folder } from '../../support/folder.js'
import { carrying } from '../../support/processes.js'
import { onLinux } from '../../support/system.js'
import { until } from '../../support/wait.js'

test('frames: however they are cut', async t => {
  const messages = [{ a: 1 }, 'x'.repeat(1000), [new Uint8Array(3)], null]
  const bytes = Buffer.concat(messages.map(encodeFrame))
  for (const size of [1, 2, 3, 7, 100, bytes.length]) {
    const seen: unknown[] = []
    const read = createFrameReader(4096, value => seen.push(value), () => t.fail('broken'))
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size))
    t.strictSame(seen, messages, `in pieces of ${size}`)
  }
  for (const [name, wrong] of Object.entries({ 'too long': Buffer.from([255, 255, 255, 127, 1]), 'no data': Buffer.from([2, 0, 0, 0, 7, 7]) })) {
    let broken = 0
    const read = createFrameReader(4096, () => t.fail('a message'), () => { broken++ })
    read(wrong)
    read(encodeFrame(1))
    t.equal(broken, 1, name)
  }
  t.throws(() => encodeFrame(() => {}), /could not be cloned/)
})

test('only what carries the secret is a message', async t => {
  t.match(readMessage({ type: 'log', nonce: 'n', id: 1, text: 'x' }, 'n'), { type: 'log' })
  for (const wrong of [undefined, null, 7, {}, { type: 'log' }, { type: 'log', nonce: 'm' }, { type: 'eval', nonce: 'n' }, { type: 1, nonce: 'n' }, serialize(1)]) t.equal(readMessage(wrong, 'n'), undefined)
})

test('slots: so many at a time, in order', async t => {
  const slots = createSlots(1)
  const order: string[] = []
  const first = await slots.take()
  const stop = new AbortController()
  const waiting = [slots.take().then(free => { order.push('a'); free() }), slots.take(stop.signal), slots.take().then(free => { order.push('c'); free(); free() })]
  stop.abort(new Error('stale'))
  await t.rejects(waiting[1] as Promise<unknown>, { message: 'stale' })
  await t.rejects(slots.take(stop.signal), { message: 'stale' })
  first()
  await Promise.all([waiting[0], waiting[2]])
  t.strictSame(order, ['a', 'c'])
  const again = await slots.take(new AbortController().signal)
  const refused = slots.take(new AbortController().signal)
  slots.close(() => new Error('closed'))
  await t.rejects(refused, { message: 'closed' })
  await t.rejects(slots.take(), { message: 'closed' })
  again()
})

test('sources: a module and what it imports', async t => {
  const at = folder(t, {
    'a.js': 'import x from "./b.js"\nexport * from \'./c\'\nimport("./d.js?x=1"); const e = require("./e"); import "node:fs"; import "pkg"; import "./nope.js"',
    'b.ts': '',
    'c.ts': 'import "./a.js"',
    'd.js': '',
    'e/index.js': ''
  })
  const sources = createSources()
  const first = await sources.stamps(at.at('a.js'))
  t.strictSame([...first.keys()].sort(), ['a.js', 'b.ts', 'c.ts', 'd.js', 'e/index.js'].map(at.at))
  t.equal(await sources.stamps(at.at('a.js')), first, 'unchanged')
  at.write('b.ts', 'export default 1')
  const second = await sources.stamps(at.at('a.js'))
  t.equal(isStale(first, second), true)
  t.equal(isStale(second, second), false)
  t.equal(isStale(new Map(), second), false)
  t.strictSame([...(await sources.stamps(at.at('missing.js'))).values()], ['gone'])
  at.write('many/0.js', Array.from({ length: 400 }, (_, i) => `import './${i}.js'`).join('\n'))
  for (let i = 1; i < 400; i++) at.write(`many/${i}.js`, 'import "./0.js"')
  t.ok((await sources.stamps(at.at('many/0.js'))).size <= 400)
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

test('where builds run', async t => {
  const around = { env: {}, execArgv: [], memory: 2 ** 40, mayFork: true }
  const cases: [Parameters<typeof choose>, object][] = [
    [['auto', around], { kind: 'process', reason: 'default', auto: true }],
    [[undefined, around], { kind: 'process' }],
    [['thread', around], { kind: 'thread', reason: 'option', auto: false }],
    [['thread', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: 'inline' } }], { kind: 'inline', reason: 'LIVE_RELOAD_BUILD_EXECUTOR', auto: false }],
    [['inline', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: 'auto' } }], { kind: 'inline' }],
    [['auto', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: '' } }], { kind: 'process' }],
    [['auto', { ...around, execArgv: ['--inspect-brk=1'] }], { kind: 'inline', reason: /debugger/ }],
    [['auto', { ...around, mayFork: false }], { kind: 'thread', reason: /permission/ }],
    [['auto', { ...around, memory: 100 * 1024 ** 2 }], { kind: 'thread', reason: /100 MiB/ }]
  ]
  for (const [given, expected] of cases) t.match(choose(...given), expected)
  t.throws(() => choose('fork' as never, around), { code: 'FST_LIVE_RELOAD_INVALID_OPTION', message: /`executor`/ })
  t.throws(() => choose('auto', { ...around, env: { LIVE_RELOAD_BUILD_EXECUTOR: 'fork' } }), { message: /LIVE_RELOAD_BUILD_EXECUTOR/ })
  t.equal(mayFork({}), true)
  t.equal(mayFork({ permission: { has: () => false } }), false)
  t.match(choose(), { kind: process.env.LIVE_RELOAD_BUILD_EXECUTOR ?? 'process' })
  const told: string[] = []
  for (const [kind, line] of [['inline', "the server's process (option)"], ['thread', 'a worker thread (option)'], ['auto', 'a process of their own (default)']] as const) {
    const executor = createExecutor(kind, { log: text => told.push(text) }, around)
    t.equal(told.pop(), `builds run in ${line}`)
    await executor.close()
  }
})

test('the fallback: only for a system that gives nothing, and only once', async t => {
  const failing = (kind: 'process' | 'thread', code: 'EXECUTOR_UNAVAILABLE' | 'TASK_THREW') => ({ ...inlineExecutor(), kind, run: async () => { throw taskError(code, code) } })
  const told: string[] = []
  const log = (text: string) => { told.push(text) }
  await t.rejects(withFallback(failing('process', 'TASK_THREW'), inlineExecutor, log).run({ file: '', data: 0 }), { code: 'TASK_THREW' })
  const both = withFallback(failing('process', 'EXECUTOR_UNAVAILABLE'), () => failing('thread', 'EXECUTOR_UNAVAILABLE'), log)
  await t.rejects(both.run({ file: '', data: 0 }), { code: 'EXECUTOR_UNAVAILABLE' })
  await t.rejects(both.run({ file: '', data: 0 }), { code: 'EXECUTOR_UNAVAILABLE' })
  t.equal(told.length, 1)
  both.warm()
  await both.close()
  t.equal(isInnocent(7), false)
})

test('the watchdog: kills what the child started and the child, when the pipe ends', onLinux, async t => {
  const mark = createMark()
  const env = { ...process.env, [MARK]: mark }
  const group = spawn('sleep', ['62'], { detached: true, stdio: 'ignore', env: process.env })
  const daemon = spawn('sleep', ['62'], { detached: true, stdio: 'ignore', env })
  const pipe = spawn('sh', ['-c', 'sleep 0.3'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const at = folder(t)
  const fifo = at.at('pipe')
  await once(spawn('mkfifo', [fifo]), 'exit')
  const writer = openSync(fifo, 'r+')
  const reader = openSync(fifo, 'r')
  const worker = new Worker(new URL('../../../lib/builds/executors/watchdog.js', import.meta.url), { workerData: { fd: reader, pid: group.pid }, env })
  await once(worker, 'online')
  t.equal(group.signalCode, null)
  closeSync(writer)
  await Promise.all([once(group, 'exit'), once(daemon, 'exit')])
  t.strictSame([group.signalCode, daemon.signalCode], ['SIGKILL', 'SIGKILL'])
  t.strictSame(carrying(mark), [])
  pipe.kill()
  await worker.terminate()
})

test('inline: loads, runs, gives up, closes', async t => {
  const at = folder(t, {
    'ok.mjs': 'export default (data, { log, progress }) => { log(7); progress({ label: "x", done: 1, total: 1 }); return data }',
    'none.mjs': 'export const x = 1',
    'hang.mjs': 'export default () => new Promise(() => {})'
  })
  const executor = inlineExecutor({ size: 2 })
  executor.warm()
  const lines: string[] = []
  t.equal(await executor.run({ file: at.at('ok.mjs'), data: 3 }, { onLog: text => lines.push(text), onProgress: ({ label }) => lines.push(label) }), 3)
  t.strictSame(lines, ['7', 'x'])
  t.equal(await executor.run({ file: at.at('ok.mjs'), data: 4 }), 4)
  mkdirSync(at.at('x'))
  writeFileSync(join(at.path, 'ok.mjs'), 'export default () => "new"')
  t.equal(await executor.run({ file: at.at('ok.mjs'), data: 4 }), 'new')
  await t.rejects(executor.run({ file: at.at('none.mjs'), data: 0 }), { code: 'TASK_THREW', message: /no default export/ })
  await t.rejects(executor.run({ file: at.at('hang.mjs'), data: 0 }, { timeout: 30 }), { code: 'TASK_TIMEOUT' })
  await executor.close()
  await t.rejects(executor.run({ file: at.at('ok.mjs'), data: 0 }), { code: 'EXECUTOR_CLOSED' })
})

test('what was printed leaves before the answer; a flood is not waited for', async t => {
  const left: (() => void)[] = []
  const stream = (writableLength: number) => ({ writableLength, write: ((_: string, then: () => void) => left.push(then) > 0) as unknown as NodeJS.WriteStream['write'] })
  const told: string[] = []
  const waiting = printed([stream(0), stream(9)]).then(() => told.push('all has left'))
  await printed([stream(0)])
  await printed([stream(5e6)])
  t.same(told, [], 'only the flood was given up')
  t.equal(left.length, 2, 'of each that holds something')
  left[0]?.()
  await waiting
})

test('the serving half: an abort of another task, a module that throws nothing', async t => {
  const sent: { type?: string, extension?: boolean, diagnostic?: { message: string } }[] = []
  const before = process.listeners('uncaughtException')
  const receive = serve({ send: message => sent.push(message), printed: async () => {}, exit: () => t.fail('ends') })
  for (const listener of process.listeners('uncaughtException')) if (!before.includes(listener)) process.removeListener('uncaughtException', listener)
  receive({ type: 'init', nonce: 'n', dir: '/nowhere' })
  receive({ type: 'abort', id: 7 })
  t.strictSame(sent, [])
  const { at } = folder(t, { 'null.mjs': 'throw null' })
  receive({ type: 'load', file: at('null.mjs') })
  receive({ type: 'run', id: 1, file: at('null.mjs'), data: 0 })
  await until(() => sent.length === 1, 'an answer')
  t.match(sent, [{ nonce: 'n', type: 'failed', extension: false, diagnostic: { message: 'the build threw null' } }])
})
