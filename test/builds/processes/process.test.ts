import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { test } from 'tap'
import { explainEnding, explainStart } from '../../../lib/builds/processes/explain.js'
import { nodeArguments } from '../../../lib/builds/processes/node-arguments.js'
import { OutputTail } from '../../../lib/builds/processes/output.js'
import { lowerPriority, lowerPriorityLater } from '../../../lib/builds/processes/priority.js'
import { signalGroup } from '../../../lib/builds/processes/process-tree.js'
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
  t.equal(await start('EOTHER', 'x'), 'boom')
  t.match(await start('EACCES', 'nope-nope', { PATH: 'relative::/bin' }), /nope-nope was not found.*may not enter every directory of PATH/)
  t.match(await start('ENOENT', 'nope-nope'), /was not found.*node_modules\/\.bin\?$/)
  t.match(await start('EACCES', '/nope/nope'), /^\/nope\/nope cannot be reached/)
  t.match(await start('ENOENT', '/nope/nope'), /^there is no program \/nope\/nope$/)
})

test('the tail of what is printed; a flood is read slowly', async t => {
  const stream = new PassThrough()
  const output = new OutputTail([stream])
  const chunk = Buffer.alloc(65_536, 'x')
  stream.write(chunk)
  await output.settled()
  t.equal(output.flooded, false)
  t.equal(output.text(), 'x'.repeat(65_536))
  for (let i = 0; i < 260; i++) stream.write(chunk)
  await until(() => output.flooded, 'a flood')
  await until(() => stream.isPaused(), 'slowed down')
  await until(() => !stream.isPaused(), 'and let go again')
  t.match(output.text(), /^\[\d+ bytes dropped\]\nx{65536}$/)
  const drained = output.drained()
  await until(() => stream.readableLength === 0, 'read at full speed after the end')
  await drained
  output.reset()
  t.equal(output.text(), '')
  t.equal(output.flooded, false)
  stream.write(`ä${'b'.repeat(65_535)}`)
  await until(() => output.text() !== '', 'read')
  t.equal(output.text(), `[2 bytes dropped]\n${'b'.repeat(65_535)}`, 'no half character')
  stream.end()
  await output.drained()
  output.destroy()
  stream.emit('error', new Error('EIO'))
  t.ok(stream.destroyed)
})

test('a long build gives way: every thread and what it started, in its session and beside others', onLinux, async t => {
  const script = 'new (require("node:worker_threads").Worker)("setInterval(() => {}, 1000)", { eval: true }); require("node:child_process").spawn("sleep", ["63"], { stdio: "ignore" })'
  const start = () => spawn(process.execPath, ['-e', script], { detached: true, stdio: 'ignore' }).pid as number
  const [long, short] = [start(), start()]
  t.teardown(() => [long, short].forEach(pid => signalGroup(pid, 'SIGKILL')))
  for (const pid of [long, short]) await until(() => childrenOf(pid).length > 0, 'its child')
  const priorities = (pid: number) => [...new Set([pid, ...childrenOf(pid).map(one => one.pid)].flatMap(prioritiesOf))]
  // Not every kernel has it, and not every process is in a session that has one.
  const session = (id: number) => { try { return readFileSync(`/proc/${id}/autogroup`, 'latin1').split(' nice ')[1]?.trim() } catch {} }
  const [before, weight] = [priorities(short), session(short)]
  lowerPriorityLater(short, 1)()
  lowerPriorityLater(long, 2)
  lowerPriorityLater(undefined)()
  process.env.LIVE_RELOAD_BUILD_PRIORITY = 'normal'
  lowerPriorityLater(short, 1)
  delete process.env.LIVE_RELOAD_BUILD_PRIORITY
  await until(() => priorities(long)[0] !== before[0], 'gives way')
  t.strictSame([priorities(long), priorities(short)], [[10], before])
  if (weight !== undefined) await until(() => session(long) === '10', 'and its session')
  t.equal(session(short), weight)
  // A process that is gone, a program that is not installed: nothing is thrown.
  lowerPriority(99_999_999, 'linux', 'no-such-program')
  lowerPriority(99_999_999, 'win32')
})

test('aborted before it starts', onPosix, async t => {
  t.match(await runProgram(['true'], { cwd: '/', env: {}, signal: AbortSignal.abort(), killDelay: () => 1 }), { ok: false, reason: 'was stopped' })
})

test('one whose end does not come in time is left alone', onPosix, async t => {
  const at = folder(t)
  const stop = new AbortController()
  const outcome = runProgram(['sh', '-c', 'trap "" TERM; touch ready; sleep 64 & wait; wait'], { cwd: at.path, env: {}, signal: stop.signal, killDelay: () => 1 })
  await until(() => existsSync(at.at('ready')), 'it runs')
  stop.abort()
  // Both time limits are over before this process can hear of any end.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  t.match(await outcome, { ok: false, reason: /^was killed/ })
  await until(() => running('sleep\x0064').length === 0, 'killed all the same')
})
