import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { test } from 'tap'
import { explainEnding, explainStart } from '../../../lib/builds/processes/explain.js'
import { MARK, createMark, killGroup, sweep } from '../../../lib/builds/processes/group.js'
import { dismiss, guardGroup } from '../../../lib/builds/processes/guarded.js'
import { nodeArguments } from '../../../lib/builds/processes/node-arguments.js'
import { collectOutput } from '../../../lib/builds/processes/output.js'
import { giveWay, giveWayLater, hurry } from '../../../lib/builds/processes/priority.js'
import { despiteShortage } from '../../../lib/builds/processes/shortage.js'
import { resolveProgram, withLocalBin } from '../../../lib/builds/processes/resolve.js'
import { runProgram } from '../../../lib/builds/processes/run.js'
import { toArgv, tokenise } from '../../../lib/builds/processes/tokenise.js'
import { folder } from '../../support/folder.js'
import { childrenOf, prioritiesOf, running } from '../../support/processes.js'
import { onLinux, onPosix } from '../../support/system.js'
import { until } from '../../support/wait.js'

test('strings become words, without a shell', async t => {
  const cases: [string, string[]][] = [
    ['npm run build', ['npm', 'run', 'build']],
    ['  a   b\t', ['a', 'b']],
    ['a "b c" \'d "e"\'', ['a', 'b c', 'd "e"']],
    ['a b\\ c "d\\"e\\\\f\\g"', ['a', 'b c', 'd"e\\f\\g']],
    ["a '' x''y", ['a', '', 'xy']],
    ['echo "a && b; c | d > e $(f) `g`" \'<\' \\;', ['echo', 'a && b; c | d > e $(f) `g`', '<', ';']],
    ['a $HOME *.ts ~ {a,b} !x #y', ['a', '$HOME', '*.ts', '~', '{a,b}', '!x', '#y']],
    ['a\\', ['a\\']]
  ]
  for (const [text, words] of cases) t.strictSame(tokenise(text), words, text)
  for (const text of ['a && b', 'a || b', 'a | b', 'a; b', 'a > b', 'a < b', 'a $(b)', 'a `b`', 'a &', 'a 2>&1']) {
    t.throws(() => tokenise(text), { code: 'FST_LIVE_RELOAD_INVALID_COMMAND', message: /shell syntax .*array of arguments.*\['sh', '-c'/ }, text)
  }
  t.throws(() => tokenise('a "b'), { code: 'FST_LIVE_RELOAD_INVALID_COMMAND', message: /an open quote: "/ })
  for (const wrong of ['', '   ', [], [''], ['a', 1], 7, undefined, null, {}]) t.throws(() => toArgv(wrong), { code: 'FST_LIVE_RELOAD_INVALID_COMMAND' }, String(wrong))
  t.throws(() => toArgv(['a', 'b\0c']), { message: /NUL/ })
  t.strictSame(toArgv(['a', '&&']), ['a', '&&'])
})

test('arguments of Node that a child gets', async t => {
  t.strictSame(nodeArguments(['--import', 'x', '--inspect=9229', '--inspect-brk', '--watch', '--watch-path', 'src', '--enable-source-maps', '-e', '1+1', '--conditions=dev', '--test-only', '-p', '1', '--max-old-space-size=100', '--print']), ['--import', 'x', '--enable-source-maps', '--conditions=dev', '--max-old-space-size=100'])
})

test('which program it is', async t => {
  t.strictSame(resolveProgram(['node', 'x'], {}), [process.execPath, 'x'])
  t.strictSame(resolveProgram(['npm', 'x'], {}, 'linux'), ['npm', 'x'])
  t.strictSame(resolveProgram(['esbuild'], {}, 'win32'), ['esbuild'])
  t.strictSame(resolveProgram(['npm.cmd', 'run', 'x'], { npm_execpath: '/n/npm-cli.js' }, 'win32'), [process.execPath, '/n/npm-cli.js', 'run', 'x'])
  t.strictSame(resolveProgram(['npx', 'x'], { npm_execpath: '/n/npm-cli.js' }, 'win32'), [process.execPath, '/n/npx-cli.js', 'x'])
  t.match(resolveProgram(['npm'], {}, 'win32')[1], /npm-cli\.js$/)
  t.match(withLocalBin({ Path: '/bin' }, '/p'), { Path: '/p/node_modules/.bin:/bin' })
  t.strictSame(withLocalBin({}, '/p'), { PATH: '/p/node_modules/.bin' })
})

test('how it ended, and why it did not start', async t => {
  t.match(explainEnding({ code: 134, signal: null, output: 'FATAL ERROR: JavaScript heap out of memory' }), /ran out of memory \(exit code 134\)/)
  const start = (code: string, program: string, env = {}) => explainStart(Object.assign(new Error('boom'), { code }), program, '/', env)
  t.match(await start('ENOEXEC', 'x'), /is no program the system can run/)
  for (const code of ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']) t.match(await start(code, 'x'), new RegExp(`no new process \\(${code}\\)`))
  t.match(await start('EOTHER', 'x'), /can not be started: boom/)
  t.match(await start('EACCES', 'nope-nope', { PATH: 'relative::/bin' }), /nope-nope was not found.*may not enter every directory of PATH/)
  t.match(await start('ENOENT', 'nope-nope'), /was not found.*node_modules\/\.bin\?$/)
  t.match(await start('EACCES', '/nope/nope'), /^\/nope\/nope can not be reached/)
  t.match(await start('ENOENT', '/nope/nope'), /^there is no program \/nope\/nope$/)
})

test('a shortage: asked again, a few times', async t => {
  const short = Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })
  const wrapped = Object.assign(new Error('no process'), { cause: short })
  const other = Object.assign(new Error('spawn EPERM'), { code: 'EPERM' })
  const cases: [string, Error[], Error | undefined, number][] = [
    ['none', [], undefined, 1],
    ['one', [short], undefined, 2],
    ['two', [wrapped, short], undefined, 3],
    ['for long', [short, wrapped, short], short, 3],
    ['no shortage', [other], other, 1],
    ['then something else', [short, other], other, 2]
  ]
  for (const [name, errors, thrown, tries] of cases) {
    let count = 0
    const run = despiteShortage(async () => {
      const error = errors[count++]
      if (error !== undefined) throw error
      return 'started'
    })
    if (thrown === undefined) t.equal(await run, 'started', name)
    else t.equal(await run.catch(error => error), thrown, name)
    t.equal(count, tries, name)
  }
  const stop = new AbortController()
  const stopped = despiteShortage(async () => { stop.abort(); throw short }, stop.signal)
  await t.rejects(stopped, { name: 'AbortError' })
})

test('a throttled flood, and a tail', async t => {
  const stream = new PassThrough()
  const output = collectOutput([stream], { keep: 10, burst: 100, rate: 1_000, quick: 1_000, drain: 20 })
  stream.write('x'.repeat(99))
  await until(() => output.text().includes('bytes dropped'), 'read')
  t.notOk(stream.isPaused())
  t.equal(output.flooded, false)
  await output.quiet()
  stream.write('y'.repeat(99))
  await until(() => stream.isPaused(), 'slowed down')
  t.equal(output.flooded, true)
  await output.quiet()
  await until(() => !stream.isPaused(), 'and let go again')
  t.equal(output.text(), `[188 bytes dropped]\n${'y'.repeat(10)}`)
  output.reset()
  t.equal(output.text(), '')
  stream.write('äöüäöüb')
  await until(() => output.text() !== '', 'read')
  t.equal(output.text(), '[4 bytes dropped]\nüäöüb', 'no half character')
  stream.write('z'.repeat(200))
  await until(() => stream.isPaused(), 'slowed down')
  await output.drained()
  output.destroy()
  stream.emit('error', new Error('EIO'))
  t.ok(stream.destroyed)
})

test('a flood is read slowly while this process is at work', async t => {
  const stream = new PassThrough()
  const output = collectOutput([stream], { keep: 10, burst: 100, rate: 1, quick: 1e6, drain: 20 })
  const measure = performance.eventLoopUtilization
  t.teardown(() => { performance.eventLoopUtilization = measure })
  let looks = 0
  let utilization = 0.5
  performance.eventLoopUtilization = () => {
    looks++
    return { idle: 0, active: 0, utilization }
  }
  stream.write('x'.repeat(300))
  await until(() => looks >= 6, 'looked at three times')
  t.equal(stream.isPaused(), true)
  utilization = 0
  await until(() => !stream.isPaused(), 'read on when there is nothing else to do')
  output.destroy()
})

test('a long build gives way: every thread and what it started, in its own session and beside others', onLinux, async t => {
  const script = 'new (require("node:worker_threads").Worker)("setInterval(() => {}, 1000)", { eval: true }); require("node:child_process").spawn("sleep", ["63"], { stdio: "ignore" })'
  const start = () => spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' }).pid as number
  const [long, short, busy] = [start(), start(), start()]
  t.teardown(() => [long, short, busy].forEach(pid => killGroup(pid, 'SIGKILL')))
  for (const pid of [long, short, busy]) await until(() => childrenOf(pid).length > 0, 'its child')
  const priorities = (pid: number) => [...new Set([pid, ...childrenOf(pid).map(one => one.pid)].flatMap(prioritiesOf))]
  const [before] = priorities(short)
  // Not every kernel has it, and not every process is in a session that has one. It counts from this process, which may have given way itself.
  const session = (id: number | 'self') => { try { return readFileSync(`/proc/${id}/autogroup`, 'latin1').split(' nice ')[1]?.trim() } catch {} }
  const [own = '0', unweighed] = [session('self'), session(short)]
  const lower = unweighed && String(Math.min(19, Number(own) + 10))
  giveWayLater(short, 1, () => 0)()
  giveWayLater(busy, 1, () => 1_000)
  giveWayLater(long, 2, () => 0)
  giveWayLater(99_999_999, 1)
  await until(() => priorities(long)[0] !== before, 'gives way')
  t.strictSame([priorities(long), priorities(short), priorities(busy)], [[10], [before], [before]])
  await until(() => session(long) === lower, 'and its session')
  t.strictSame([session(short), session(busy)], [unweighed, unweighed])
  // None is there, nobody listens: nothing is thrown.
  giveWay(99_999_999, 'linux', 'no-such-program')
  giveWay(99_999_999, 'win32')
  hurry()
})

test('the weight of a session: where the kernel keeps it, within its bounds, asked for again when it takes no more just now', onLinux, async t => {
  const proc = t.testdir({ self: { autogroup: '/autogroup-1 nice 4\n' }, 1: { autogroup: '/autogroup-2 nice 0\n' }, 2: { autogroup: { refuses: '' } } })
  const written = (pid: number) => readFileSync(`${proc}/${pid}/autogroup`, 'latin1').slice(0, 3).trim()
  const give = (pid: number) => giveWay(pid, 'linux', 'no-such-program', proc)
  give(1)
  t.match(written(1), /^14/)
  writeFileSync(`${proc}/self/autogroup`, '/autogroup-1 nice 12\n')
  give(1)
  t.match(written(1), /^19/)
  // A directory can not be written to, as the file of a kernel that has just been asked.
  give(2)
  rmSync(`${proc}/2/autogroup`, { recursive: true })
  writeFileSync(`${proc}/2/autogroup`, 'not yet')
  await until(() => written(2).startsWith('19'), 'asked again')
  give(3)
  t.throws(() => written(3), { code: 'ENOENT' }, 'never made')
  writeFileSync(`${proc}/self/autogroup`, '')
  give(1)
  t.match(written(1), /^10/, 'this process has no session of its own')
})

test('the guard: ends what is watched when the server ends, and ends with it', onLinux, async t => {
  const mark = createMark()
  const start = () => spawn('sleep', ['61'], { detached: true, stdio: 'ignore', env: { ...process.env, [MARK]: mark } })
  const [one, two] = [start(), start()]
  // Others on this machine may have one, too.
  const guards = () => childrenOf(process.pid).filter(child => running('guard.js').includes(child.pid)).length
  const undo = guardGroup(one.pid as number, mark)
  const undoToo = guardGroup(two.pid as number, mark)
  dismiss()
  t.ok(await until(() => guards() > 0, 'a guard'), 'it stays while there is something to watch')
  undo()
  undoToo()
  const third = guardGroup(two.pid as number, mark)
  third()
  dismiss()
  dismiss()
  await until(() => guards() === 0, 'no guard')
  t.equal(one.exitCode ?? one.signalCode, null, 'what is no longer watched lives')
  await sweep(mark)
  const guard = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('../../../lib/builds/processes/guard.js', import.meta.url))], { stdio: ['pipe', 'ignore', 'inherit'] })
  const [inside, outside] = [start(), start()]
  guard.stdin.end(`+${inside.pid} ${mark}\n+1 x\n-1\n`)
  await Promise.all([once(inside, 'exit'), once(outside, 'exit'), once(guard, 'exit')])
  t.strictSame([inside.signalCode, outside.signalCode, guard.exitCode], ['SIGKILL', 'SIGKILL', 0])
})

test('aborted before it starts', onPosix, async t => {
  t.match(await runProgram(['true'], { cwd: '/', env: {}, signal: AbortSignal.abort(), grace: () => 1 }), { ok: false, reason: 'was stopped' })
})

test('one whose end does not come in time is left alone', onPosix, async t => {
  const at = folder(t)
  const stop = new AbortController()
  const outcome = runProgram(['sh', '-c', 'trap "" TERM; touch ready; sleep 64 & wait; wait'], { cwd: at.path, env: {}, signal: stop.signal, grace: () => 1 })
  await until(() => existsSync(at.at('ready')), 'it runs')
  stop.abort()
  // Both time limits are over before this process can hear of any end.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  t.match(await outcome, { ok: false, reason: /^was killed/ })
  await until(() => running('sleep\x0064').length === 0, 'killed all the same')
})
