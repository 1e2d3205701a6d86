// What programs do to themselves and to the machine, with real programs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'tap'
import { command, type CommandOptions } from '../../../lib/builds/builders/command.js'
import { folder, temporary } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'
import { childrenOf, descriptors, running } from '../../support/processes.js'
import { onLinux, onPosix } from '../../support/system.js'
import { times } from '../../support/times.js'
import { until } from '../../support/wait.js'
import { contextOf, requestOf } from './conformance.js'

const dir = temporary(after)
const { path: library } = plainLibrary(after)
after(() => command('true').close?.())

type Given = string | readonly string[]
const sh = (script: string): Given => ['sh', '-c', script]
const node = (script: string): Given => ['node', '-e', script]
const build = (given: Given, options: CommandOptions = {}, more = {}) =>
  command(given, options).build(requestOf({ cwd: dir, ...more }), contextOf())
const file = (name: string, content: string, mode: number) => {
  writeFileSync(join(dir, name), content)
  chmodSync(join(dir, name), mode)
  return name
}

file('not-executable', '#!/bin/sh\n', 0o644)
file('bad-interpreter', '#!/nope/nothing\n', 0o755)
file('no-program', '\0\0\0', 0o755)

const failures: [name: string, given: Given, message: RegExp, options?: CommandOptions, more?: object][] = [
  ['throws', node('throw new TypeError("bad", { cause: new Error("disk") })'), /^TypeError: bad \(disk\)$/],
  ['exits 1, with its last lines', sh('echo first; echo why >&2; exit 1'), /exited with code 1\nfirst\nwhy$/],
  ['exits 3 in silence', sh('exit 3'), /^`sh -c exit 3` exited with code 3$/],
  ['SIGSEGV', sh('kill -SEGV $$'), /was ended by SIGSEGV/],
  ['SIGABRT', sh('kill -ABRT $$'), /was aborted \(SIGABRT\)$/],
  ['SIGABRT after a failed allocation', sh("echo 'terminate called after throwing an instance of std::bad_alloc' >&2; kill -ABRT $$"), /SIGABRT\), probably out of memory/],
  ['SIGKILL', sh('kill -KILL $$'), /SIGKILL.*probably out of memory/],
  ['heap out of memory', ['node', '--max-old-space-size=24', '-e', 'const all = []; for (;;) all.push(new Array(1000).fill(all.length))'], /ran out of memory/],
  ['loops, ignoring SIGTERM', sh('trap "" TERM; while :; do :; done'), /did not end within 200 ms and was stopped/, { timeout: 200 }],
  ['is stopped', sh('kill -STOP $$; sleep 60'), /did not end within 200 ms/, { timeout: 200 }],
  ['a missing program', 'no-such-program-here --x', /`no-such-program-here --x` cannot be started: the program no-such-program-here was not found; is it installed/],
  ['a missing program by path', './nope', /there is no program .*\/nope$/],
  ['not executable', './not-executable', /not-executable is not executable; try chmod \+x/],
  ['a directory', './', /is a directory, not a program/],
  ['bad interpreter', './bad-interpreter', /interpreter in its first line is missing/],
  ['missing cwd', 'true', /cannot run in .*nowhere: there is no such directory/, { cwd: 'nowhere' }],
  ['cwd is a file', 'true', /cannot run in .*no-program: it is not a directory/, { cwd: 'no-program' }],
  ['cwd below a file', 'true', /cannot run in .*ENOTDIR/, { cwd: 'no-program/x' }],
  ['E2BIG', ['true', 'x'.repeat(200_000)], /too long for the system \(E2BIG\)/],
  ['not found in a shell', sh('no-such-program-here'), /exited with code 127: a program in it was not found/],
  ['not executable in a shell', sh('./not-executable'), /exited with code 126: a program in it cannot be executed/],
  ['a syntax error in a shell', sh('if'), /[Ss]yntax error/],
  ['tells the cause far above its end', sh('echo "cannot open the book"; for i in $(seq 60); do echo "line $i"; echo "    at x (node_modules/y.js:1:1)"; done; exit 1'), /exited with code 1\ncannot open the book\nline 1\n(?:line \d+\n){4}…\nline 55\n(?:line \d+\n){4}line 60$/]
]

test('every failure says what to do, and the next command works', { jobs: 3, ...onPosix }, t => {
  for (const [name, given, message, options, more] of failures) {
    t.test(name, name.includes('E2BIG') ? onLinux : {}, async t => {
      const result = await build(given, options, more)
      t.match(result, { ok: false, diagnostics: [{ severity: 'error', message }] })
      t.equal((await build('true')).ok, true)
    })
  }
  t.end()
})

test('SIGTERM first, SIGKILL after two seconds at the limit', onPosix, async t => {
  const polite = await build(sh('trap "echo bye; exit 0" TERM; while :; do sleep 0.05; done'), { timeout: 200 })
  t.match(polite, { ok: false, output: /bye/ })
  const stubborn = await build(sh('trap "echo no" TERM; while :; do sleep 0.05; done'), { timeout: 200 })
  t.match(stubborn, { ok: false, output: /no/ })
  t.ok(stubborn.ms >= 2_200, 'it had its two seconds')
})

test('nothing is left of it: grandchildren, daemons', onLinux, async t => {
  const tag = `79${String(process.pid).padStart(8, '0')}`
  const start = performance.now()
  t.match(await build(sh(`sleep ${tag} & setsid sleep ${tag} & sleep 0.1; exit 0`)), { ok: true })
  t.ok(performance.now() - start < 60_000, 'it does not wait for their pipes')
  await until(() => running(`sleep\0${tag}`).length === 0, 'no sleep', 5_000)
  const stop = new AbortController()
  const stopped = command(sh(`trap "" TERM; sleep ${tag}1 & setsid sleep ${tag}1 & wait; sleep 60`)).build(requestOf({ cwd: dir }), contextOf(stop.signal))
  await until(() => running(`sleep\0${tag}1`).length === 2, 'both run')
  stop.abort(new Error('stale'))
  await t.rejects(stopped, { message: 'stale' })
  await until(() => running(`sleep\0${tag}1`).length === 0, 'no sleep', 5_000)
})

test('40 MB of output, one line of 20 MB, colours, half characters', onPosix, async t => {
  const before = process.memoryUsage.rss()
  const [flood, line] = await Promise.all([
    build(sh('yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | head -c 20000000')),
    build(sh("head -c 20000000 /dev/zero | tr '\\\\0' a; exit 1"))
  ])
  t.match(flood, { ok: true, output: /^\[\d+ bytes dropped\]\n/ })
  t.match(line, { ok: false })
  t.ok((line.output as string).length < 70_000)
  t.ok((line.diagnostics[0]?.message as string).length < 1_000)
  t.ok(process.memoryUsage.rss() - before < 80e6)
  t.match(await build(sh("printf '\\303'; sleep 0.05; printf '\\251\\033[31mred\\377'")), { ok: true, output: /^é/ })
})

test('stdin is at its end, and there is no terminal', onPosix, async t => {
  t.match(await build(sh('read x || echo none; test -t 0 || echo no tty')), { ok: true, output: 'none\nno tty\n' })
})

test('a server that dies leaves no process', onLinux, t => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'exit'] as const) {
    t.test(signal, async t => {
      const tag = `80${String(process.pid).padStart(8, '0')}${signal.length}${signal.charCodeAt(3)}`
      const server = join(library, `command-${tag}.mjs`)
      writeFileSync(server, `import { command } from './lib/builds/builders/command.js'
command(['sh', '-c', 'trap "" TERM; setsid sleep ${tag} & sleep ${tag}; sleep 60']).build({ id: 'x', reason: 'manual', cwd: '/', changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })
process.on('message', () => process.exit(0))`)
      const child = spawn(process.execPath, [server, tag], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
      await until(() => running(`sleep\0${tag}`).length === 2, 'both run')
      const start = performance.now()
      if (signal === 'exit') child.send('exit')
      else child.kill(signal)
      await until(() => running(tag).length === 0, `nobody after ${signal}`, 10_000)
      t.comment(`${signal}: ${Math.round(performance.now() - start)} ms`)
      t.strictSame(running(`sleep\0${tag}`), [])
    })
  }
  t.test('SIGKILL as the command starts', async t => {
    const tag = `81${String(process.pid).padStart(8, '0')}`
    const server = join(library, `command-${tag}.mjs`)
    writeFileSync(server, `import child from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import { command } from './lib/builds/builders/command.js'
const { spawn } = child
child.spawn = (program, ...rest) => {
  const started = spawn(program, ...rest)
  if (program === 'sleep') process.kill(process.pid, 'SIGKILL')
  return started
}
syncBuiltinESMExports()
command('sleep ${tag}').build({ id: 'x', reason: 'manual', cwd: '/', changed: [], incremental: false }, { signal: new AbortController().signal, log () {}, progress () {} })`)
    const dying = spawn(process.execPath, [server], { stdio: ['ignore', 'ignore', 'inherit'] })
    await once(dying, 'exit')
    t.equal(dying.signalCode, 'SIGKILL')
    await until(() => running(`sleep\0${tag}`).length === 0, 'it has ended', 10_000)
  })
  t.end()
})

const FAILURES = times(48, 200)
test(`${FAILURES} failing commands leave no zombie, descriptor, listener or child`, onPosix, async t => {
  await build('true')
  const look = () => ({ descriptors: descriptors(), listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0), children: childrenOf(process.pid).length })
  const before = look()
  const failing = command('false')
  for (let i = 0; i < FAILURES; i += 4) await Promise.all([1, 2, 3, 4].map(() => failing.build(requestOf({ cwd: dir }), contextOf())))
  await until(() => look().descriptors <= before.descriptors && look().children <= before.children, `${JSON.stringify(before)} -> ${JSON.stringify(look())}`, 5_000)
  t.equal(look().listeners, before.listeners)
  t.ok(await until(() => childrenOf(process.pid).every(one => one.state !== 'Z'), 'no zombie', 5_000))
})

test('the clock jumps', onPosix, async t => {
  const now = Date.now
  t.teardown(() => { Date.now = now })
  const running = build('sleep 0.1', { timeout: 60_000 })
  Date.now = () => now() - 3_600_000
  const { ok, ms } = await running
  t.ok(ok && ms > 50 && ms < 50_000)
})

test('it changes itself, or kills its group: the server does not notice', onPosix, async t => {
  t.match(await build(sh('kill 0; sleep 5')), { ok: false, diagnostics: [{ message: /SIGTERM/ }] })
  t.match(await build(sh('cd /; umask 777; kill -9 -$$')), { ok: false, diagnostics: [{ message: /SIGKILL/ }] })
})

test('odd paths and names are never read by a shell', onPosix, async t => {
  const odd = folder(t, { 'a b\'c"é$(id)/run.sh': '#!/bin/sh\necho ran "$@"', 'a b\'c"é$(id)/x': '' })
  const cwd = odd.at('a b\'c"é$(id)')
  chmodSync(join(cwd, 'run.sh'), 0o755)
  t.match(await build(['./run.sh', '`touch pwn`', ';touch pwn', '-rf', 'a\nb'], {}, { cwd }), { ok: true, output: 'ran `touch pwn` ;touch pwn -rf a\nb\n' })
  const changed = ['/x/`touch pwn`.ts', '/x/$(touch pwn).ts', '/x/;touch pwn;', '/x/-rf', '/x/a\nNODE_OPTIONS=--bad']
  const { output } = await build(sh('printf %s "$LIVE_RELOAD_CHANGED"; test -z "$NODE_OPTIONS_X"'), {}, { cwd, changed })
  t.strictSame(JSON.parse(output as string), changed)
  t.notOk(existsSync(join(cwd, 'pwn')))
})

test('50,000 changed paths come in a file', onPosix, async t => {
  const changed = Array.from({ length: 50_000 }, (_, i) => `/project/src/some/folder/file-${i}.ts`)
  const copy = join(dir, 'copy.json')
  const { ok, output } = await build(sh(`test -z "$LIVE_RELOAD_CHANGED" && cp "$LIVE_RELOAD_CHANGED_FILE" ${copy} && printf %s "$LIVE_RELOAD_CHANGED_FILE"`), {}, { changed })
  t.equal(ok, true)
  t.strictSame(JSON.parse(readFileSync(copy, 'utf8')), changed)
  t.notOk(existsSync(output as string), 'removed afterwards')
})

test('what a command receives', onPosix, async t => {
  const { output } = await build(sh('printf "%s %s %s %s %s %s" "$LIVE_RELOAD_PROFILE" "$LIVE_RELOAD_BUILD_ID" "$LIVE_RELOAD_REASON" "$LIVE_RELOAD_CHANGED" "$MINE" "$LIVE_RELOAD_OUT_DIR"'), { env: { MINE: 'x' } }, { changed: ['/a'], outDir: '/out', profile: 'production' })
  t.equal(output, 'production build-1 manual ["/a"] x /out')
  t.match(await build(['echo', '--out={outDir}'], {}, { outDir: '/o' }), { output: '--out=/o\n' })
  t.match(await build(['echo', '{outDir}']), { output: '{outDir}\n' })
  const bin = folder(t, { 'node_modules/.bin/my-tool': '#!/bin/sh\necho mine' })
  chmodSync(bin.at('node_modules/.bin/my-tool'), 0o755)
  t.match(await build('my-tool', {}, { cwd: bin.path }), { ok: true, output: 'mine\n' })
})

test('printed places become diagnostics', onPosix, async t => {
  writeFileSync(join(dir, 'a.ts'), 'const a = 1\nconst b: string = a\n')
  t.match(await build(sh('echo "a.ts(2,7): error TS2322: No."; exit 2')), {
    ok: false,
    diagnostics: [{ message: 'TS2322: No.', file: join(dir, 'a.ts'), line: 2, column: 7, frame: /> 2 \| const b: string/ }]
  })
  t.equal((await build(sh('echo "a.ts(2,7): error TS2322: No."; exit 2'))).diagnostics.length, 1, 'and the exit code says nothing more')
  t.match((await build(sh('echo "a.ts(2,7): error TS2322: No."; kill -9 $$'))).diagnostics, [{ message: /was killed/ }, { message: 'TS2322: No.' }])
  t.match((await build(sh('echo "a.ts:2:7: warning: hm"; exit 1'))).diagnostics, [{ severity: 'error', message: /code 1/ }, { severity: 'warning', message: 'hm' }])
  const fine = await build(sh('echo "a.ts:2:7: warning: hm"; echo "a.ts:1:1: not about an error"'))
  t.equal(fine.ok, true)
  t.match(fine.diagnostics, [{ severity: 'warning', message: 'hm' }])
  t.equal(fine.diagnostics.length, 1)
})
