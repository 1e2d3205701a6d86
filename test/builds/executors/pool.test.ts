// Children under the tests' own loaders, so that what runs in them is counted: normal ends, one pool for each kind.
import { serialize } from 'node:v8'
import { after, test } from 'tap'
import type { Executor } from '../../../lib/builds/executors/executor.js'
import { processExecutor, threadExecutor } from '../../../lib/builds/executors/choose.js'
import { createMember } from '../../../lib/builds/executors/member.js'
import type { PeerEvents, Transport } from '../../../lib/builds/executors/peer.js'
import { createPool } from '../../../lib/builds/executors/pool.js'
import { isolated } from '../../../lib/builds/builders/isolated.js'
import { folder, temporary } from '../../support/folder.js'
import { until } from '../../support/wait.js'
import { contextOf, requestOf } from '../builders/conformance.js'

// Programs under test: what they print is caught, and their pauses are work that takes time.
const files: Record<string, string> = {
  'echo.mjs': 'export default data => data',
  'wait.mjs': 'export default (data, { signal, log }) => new Promise(resolve => { log("begun"); signal.addEventListener("abort", () => resolve("heard")); setInterval(() => {}, 1000) })',
  'print.mjs': 'export default () => { console.log("printed"); process.stderr.write(Buffer.from("too")); return 1 }',
  'much.mjs': 'export default () => { for (let i = 0; i < 17_000; i++) process.stdout.write("x".repeat(99) + "\\n"); console.log("the end") }',
  'many.mjs': 'export default async (n, { log, progress }) => { for (let i = 0; i < 1100; i++) { log(i); progress({ label: "x", done: i, total: n }) } await new Promise(r => setTimeout(r, 90)); progress({ label: "y", done: 1, total: 1 }); progress({ label: "z", done: 2, total: 2 }); await new Promise(r => setTimeout(r, 90)) }',
  'large.mjs': 'export default size => Buffer.alloc(size, 1)',
  'function.mjs': 'export default () => () => {}',
  'none.mjs': 'export const x = 1',
  'nested.cjs': 'exports.default = () => "nested"; exports.__esModule = true; module.exports = { default: exports.default }',
  'stray.mjs': 'export default () => { setTimeout(() => { throw new Error("stray") }, 5); return new Promise(() => {}) }',
  'late.mjs': 'export default () => { setTimeout(() => { throw new Error("late") }, 300); return 1 }',
  'types.ts': 'export default (data: number): number => data + 1',
  'exit.mjs': 'export default () => process.exit(4)',
  'memory.mjs': 'export default () => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)) }'
}
const dir = temporary(after)

for (const [kind, make] of [['process', processExecutor], ['thread', threadExecutor]] as const) {
  test(`${kind}: one pool, many tasks`, async t => {
    const { at } = folder(t, files)
    const told: string[] = []
    const executor: Executor = make({ size: 1, log: text => told.push(text) })
    executor.warm()
    executor.warm(at('echo.mjs'))
    t.match(executor, { kind, size: 1 })
    const run = (name: string, data: unknown, options = {}) => executor.run({ file: at(name), data }, options)
    t.strictSame(await run('echo.mjs', { a: [1, new Date(0), 'ü'] }), { a: [1, new Date(0), 'ü'] })
    await t.rejects(run('echo.mjs', () => {}), { code: 'TASK_RESULT', message: /what the build is given is no plain data/ })

    const stop = new AbortController()
    let begun = false
    const waiting = run('wait.mjs', 0, { signal: stop.signal, onLog: () => { begun = true } })
    const queued = run('echo.mjs', 0, { signal: stop.signal })
    waiting.catch(() => {})
    queued.catch(() => {})
    await until(() => begun, 'the first has begun')
    stop.abort(new Error('stale'))
    await t.rejects(waiting, { message: 'stale' })
    await t.rejects(queued, { message: 'stale' })

    let tail = ''
    t.equal(await run('print.mjs', 0, { onOutput: (text: string) => { tail = text } }), 1)
    t.match(tail, /printed\ntoo/)
    await run('much.mjs', 0, { onOutput: (text: string) => { tail = text } })
    t.match(tail, /the end\n$/, 'also what a pipe can not hold')
    t.equal(await run('print.mjs', 0), 1)
    const lines: string[] = []
    const seen: { label: string }[] = []
    await run('many.mjs', 1, { onLog: (text: string) => lines.push(text), onProgress: (progress: { label: string }) => seen.push(progress) })
    t.equal(lines.length, 1_001)
    t.match(seen[0], { label: 'x' })
    t.match(seen.at(-1), { label: 'z', done: 2 })
    await run('many.mjs', 1)

    t.equal((await run('large.mjs', 5_000_000) as Uint8Array).length, 5_000_000)
    await t.rejects(run('large.mjs', 70_000_000), { code: 'TASK_RESULT', message: /too large: 67 MiB/ })
    await t.rejects(run('function.mjs', 0), { code: 'TASK_RESULT', message: /no plain data/ })
    await t.rejects(run('none.mjs', 0), { code: 'TASK_THREW', message: /no default export/ })
    t.equal(await run('nested.cjs', 0), 'nested')
    t.equal(await run('types.ts', 1), 2, 'TypeScript, by the loader that is there')
    await t.rejects(run('stray.mjs', 0), { code: 'TASK_THREW', message: 'stray' })
    t.equal(await run('late.mjs', 0), 1)
    await until(() => told.some(line => line.includes('late')), 'told')
    await t.rejects(run('exit.mjs', 0), { code: 'TASK_CRASHED', exitCode: 4, message: /exited with code 4/ })
    t.equal(await run('echo.mjs', 'after'), 'after')
    await Promise.all([executor.close(), executor.close()])
    await t.rejects(run('echo.mjs', 0), { code: 'EXECUTOR_CLOSED' })
  })
}

test('no program to start', async t => {
  const { execPath } = process
  const executor = processExecutor()
  process.execPath = '/nowhere/node'
  const run = executor.run({ file: dir, data: 0 })
  await t.rejects(run, { code: 'EXECUTOR_UNAVAILABLE', message: /ENOENT/ })
  process.execPath = execPath
  await executor.close()
})

test('a syntax error that no file has', async t => {
  const { at } = folder(t, { 'a.mjs': 'import { x } from "./b.mjs"\nexport default () => x', 'b.mjs': '' })
  const executor = threadExecutor()
  await t.rejects(executor.run({ file: at('a.mjs'), data: 0 }), { code: 'TASK_THREW', message: /does not provide an export named 'x'/ })
  await executor.close()
})

test('a thread out of memory is one diagnostic', async t => {
  const { at } = folder(t, files)
  const { threadTransport } = await import('../../../lib/builds/executors/thread.js')
  const executor = createPool({ kind: 'thread', transport: threadTransport({ memory: 32 }) })
  await t.rejects(executor.run({ file: at('memory.mjs'), data: 0 }), { code: 'TASK_CRASHED', message: /ran out of memory/ })
  await executor.close()
})

test('isolated, with an executor of its own', async t => {
  const { at } = folder(t, files)
  const builder = isolated(at('none.mjs'), { executor: 'inline', name: 'mine', timeout: 60_000 })
  t.equal(builder.name, 'mine')
  builder.warm?.()
  const context = contextOf()
  for (let i = 0; i < 2; i++) t.match(await builder.build(requestOf({ cwd: dir }), context), { ok: false, diagnostics: [{ message: /no default export/ }] })
  t.match(context.lines, ["builds run in the server's process (option)"])
  await builder.close?.()
  t.equal(isolated(at('none.mjs'), { executor: 'inline' }).name, 'none.mjs')
  const odd = { kind: 'inline', size: 1, async run () { throw new Error('of an executor') }, warm () {}, async close () {} } as const
  t.match(await isolated(at('none.mjs'), { executor: odd }).build(requestOf({ cwd: dir }), context), { ok: false, diagnostics: [{ message: 'of an executor' }] })
  t.throws(() => isolated(at('none.mjs'), { timeout: -1 }), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
  t.throws(() => isolated(7 as never), { code: 'FST_LIVE_RELOAD_INVALID_OPTION' })
})

/** A transport of which the test holds the other end. */
function fake (): Transport & { events: PeerEvents, sent: { type: string, id?: number, nonce?: string }[], killed: number, quiet: Promise<void> } {
  const self = {
    quiet: Promise.resolve(),
    events: undefined as unknown as PeerEvents,
    sent: [] as { type: string, id?: number, nonce?: string }[],
    killed: 0,
    start (events: PeerEvents) {
      self.events = events
      return { send: (message: { type: string }) => { self.sent.push(message) }, printed: () => '', reset () {}, quiet: () => self.quiet, flooded: false, stop () {}, kill () { self.killed++ }, ref () {}, unref () {} }
    },
    async close () {}
  }
  return self
}

test('a child that lies, or does not die', async t => {
  const transport = fake()
  const ended: boolean[] = []
  const strays: string[] = []
  const member = createMember({ transport, dir: '/nowhere', stray: ({ message }) => { strays.push(message) }, leaving () {}, ended: (_member, idle) => { ended.push(idle) } })
  const nonce = transport.sent[0]?.nonce as string
  const run = (options = {}) => member.run({ file: '/x.ts', data: 0 }, new Map(), options)
  const say = (message: object) => transport.events.message({ nonce, ...message })
  const id = () => transport.sent.filter(one => one.type === 'run').at(-1)?.id as number

  const outside = run()
  t.equal(member.busy, true)
  say({ type: 'result', id: id(), rss: 1, path: '/etc/passwd' })
  await t.rejects(outside, { code: 'TASK_RESULT', message: /can not be read/ })
  const broken = run()
  say({ type: 'result', id: id() - 1, rss: 1 })
  say({ type: 'log', id: id(), text: 'x' })
  say({ type: 'progress', id: id(), progress: {} })
  say({ type: 'result', id: id(), rss: 5, bytes: Buffer.from([1]) })
  await t.rejects(broken, { code: 'TASK_RESULT' })
  t.match(member, { rss: 5, tasks: 2, busy: false })

  const blamed = run()
  say({ type: 'stray', id: id() - 1, diagnostic: { severity: 'error', message: 'of before' } })
  await t.rejects(blamed, { code: 'TASK_CRASHED', innocent: true })
  say({ type: 'stray', diagnostic: { severity: 'error', message: 'of nobody' } })
  t.strictSame(strays, ['of before', 'of nobody'])
  const own = run()
  say({ type: 'stray', diagnostic: { severity: 'error', message: 'own' } })
  await t.rejects(own, { code: 'TASK_THREW', message: 'own' })

  const stop = new AbortController()
  const stuck = run({ signal: stop.signal, timeout: 60_000 })
  stop.abort(new Error('stale'))
  const start = performance.now()
  await t.rejects(stuck, { message: 'stale' })
  t.ok(performance.now() - start > 100)
  t.equal(transport.killed, 2, 'tried twice')
  say({ type: 'result', id: id(), rss: 1 })

  const twice = run({ timeout: 60_000 })
  say({ type: 'result', id: id(), rss: 1, bytes: serialize(7) })
  say({ type: 'result', id: id(), rss: 1, bytes: serialize(8) })
  t.equal(await twice, 7)
  const done = run()
  say({ type: 'result', id: id(), rss: 1, bytes: serialize(9) })
  say({ type: 'stray', id: id(), diagnostic: { severity: 'error', message: 'of what is done' } })
  t.equal(await done, 9, 'what is thrown before the result is told does not undo it')
  t.equal(strays.at(-1), 'of what is done')
  const typed = run()
  say({ type: 'failed', id: id(), rss: 1, code: 'TASK_THREW', diagnostic: { severity: 'error', message: 'Unknown file extension' }, extension: true })
  await t.rejects(typed, { message: /install tsx/ })
  const slow = new AbortController()
  let read = () => {}
  transport.quiet = new Promise(resolve => { read = resolve })
  const unread = run({ signal: slow.signal })
  say({ type: 'result', id: id(), rss: 1, bytes: serialize(11) })
  slow.abort(new Error('stale'))
  await t.rejects(unread, { message: 'stale' }, 'stopped while what it printed is read')
  read()
  await transport.quiet
  const both = new AbortController()
  const late = run({ signal: both.signal, timeout: 20 })
  both.abort(new Error('stale'))
  await t.rejects(late, { message: 'stale' }, 'the limit passes while it is stopped')

  const quick = new AbortController()
  const heard = run({ signal: quick.signal, timeout: 60_000 })
  quick.abort(new Error('stale'))
  say({ type: 'aborting', id: id() })
  say({ type: 'stray', diagnostic: { severity: 'error', message: 'while stopping' } })
  await t.rejects(heard, { message: 'stale' })

  const dying = new AbortController()
  const last = run({ signal: dying.signal })
  dying.abort(new Error('stale'))
  transport.events.ended({ code: null, signal: 'SIGKILL', output: '' })
  await t.rejects(last, { message: 'stale' })
  transport.events.message({ type: 'result', nonce: 'forged' })
  await until(() => transport.killed > 2, 'a forger is killed')
  const exited = run()
  say({ type: 'result', id: id(), rss: 1, bytes: serialize(10) })
  transport.events.ended({ code: 0, signal: null, output: '' })
  t.equal(await exited, 10, 'nor does the end of the child')
  t.strictSame(ended, [false, false])
  member.stop()
})

test('what dies of an earlier task is tried again in a child that has done nothing yet', async t => {
  for (const spare of [false, true]) {
    let started = 0
    const transport: Transport = {
      start (events) {
        const name = ++started
        let nonce = ''
        let tasks = 0
        const say = (message: object) => events.message({ nonce, ...message })
        return {
          send (message: { type: string, id?: number, nonce?: string }) {
            if (message.type === 'init') nonce = message.nonce as string
            if (message.type !== 'run') return
            // The first one works once, and dies of it in the next.
            if (name === 1 && tasks++ > 0) queueMicrotask(() => events.ended({ code: 1, signal: null, output: '' }))
            else queueMicrotask(() => say({ type: 'result', id: message.id, rss: 1, bytes: serialize(name) }))
          },
          printed: () => '',
          reset () {},
          quiet: async () => {},
          flooded: false,
          stop () {},
          kill () {},
          ref () {},
          unref () {}
        }
      },
      async close () {}
    }
    const executor = createPool({ kind: 'process', transport })
    const run = () => executor.run({ file: '/x', data: 0 })
    t.equal(await run(), 1)
    if (spare) await until(() => started === 2, 'the spare')
    t.equal(await run(), 2, spare ? 'the spare was there' : 'none was there yet')
    await executor.close()
  }
})

test('what the system refuses for now: what can be done is said', async t => {
  const short = Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })
  const executor = createPool({ kind: 'thread', transport: { start () { throw short }, async close () {} } })
  await t.rejects(executor.run({ file: '/x', data: 0 }), { code: 'EXECUTOR_UNAVAILABLE', message: /gives no thread: spawn EAGAIN; end other programs, or raise the limit/, cause: short })
  await executor.close()
})

test('a transport that throws, and a timeout that comes with the abort', async t => {
  const executor = createPool({ kind: 'process', transport: { start () { throw new Error('EPERM') }, async close () {} } })
  executor.warm()
  await t.rejects(executor.run({ file: '/x', data: 0 }), { code: 'EXECUTOR_UNAVAILABLE', message: /gives no process: EPERM/ })
  const stop = new AbortController()
  const aborted = executor.run({ file: '/x', data: 0 }, { signal: stop.signal })
  stop.abort(new Error('stale'))
  await t.rejects(aborted, { message: 'stale' })
  const closing = executor.run({ file: '/x', data: 0 })
  const closed = executor.close()
  await t.rejects(closing, { code: 'EXECUTOR_CLOSED' })
  await closed
  executor.warm('/x')
})
