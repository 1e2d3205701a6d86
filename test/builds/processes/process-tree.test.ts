import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type Test } from 'tap'
import { command } from '../../../lib/builds/builders/command.js'
import { MARK, isProcessAlive, killTree, listProcesses, signalGroup } from '../../../lib/builds/processes/process-tree.js'
import { dismissReaper, reapWithServer } from '../../../lib/builds/processes/reaper-client.js'
import { carrying, childrenOf, running } from '../../support/processes.js'
import { folder } from '../../support/folder.js'
import { plainLibrary } from '../../support/plain.js'
import { onLinux } from '../../support/system.js'
import { until } from '../../support/wait.js'

const start = (mark: string, seconds = '60') => spawn('sleep', [seconds], { detached: true, stdio: 'ignore', env: { ...process.env, [MARK]: mark } })
const gone = (child: ReturnType<typeof start>) => until(() => child.exitCode !== null || child.signalCode !== null, 'gone')

test('a tree is killed by its group and by its mark', onLinux, async t => {
  const mark = randomUUID()
  const before = listProcesses()
  const [leader, daemon, other] = [start(mark), start(mark), start(randomUUID())]
  await until(() => carrying(mark).length === 2, 'both carry it')
  const tree = { pid: leader.pid as number, mark }
  await killTree({ pid: 99_999_999, mark }, listProcesses())
  t.equal(carrying(mark).length, 2, 'processes that ran before are not searched')
  await killTree(tree, before)
  await Promise.all([gone(leader), gone(daemon)])
  t.strictSame(carrying(mark), [])
  const begins = start(`${mark}0`)
  await until(() => carrying(`${mark}0`).length === 1, 'it carries a mark that begins like this one')
  await killTree({ mark })
  t.strictSame([other.signalCode, begins.signalCode], [null, null], 'other trees live')
  signalGroup(begins.pid as number, 'SIGKILL')
  await gone(begins)
  await killTree(tree)
  signalGroup(other.pid as number, 'SIGKILL')
  await gone(other)
  signalGroup(1_234_567, 'SIGTERM', 'win32')
  t.strictSame(listProcesses('/nothing-is-here'), new Set(), 'a system without that folder')
  t.equal(isProcessAlive(1), true)
  t.equal(isProcessAlive(leader.pid as number), false)
})

test('the reaper kills what is tracked when its input ends', onLinux, async t => {
  const mark = randomUUID()
  const reaper = spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL('../../../lib/builds/processes/reaper.js', import.meta.url))], { stdio: ['pipe', 'ignore', 'inherit'] })
  const announced = randomUUID()
  const [inside, outside, starting, forgotten] = [start(mark), start(mark), start(announced), start(randomUUID())]
  reaper.stdin.end(`+${mark}\n+${mark} ${inside.pid}\n+${announced}\n+x ${forgotten.pid}\n-x\n`)
  await Promise.all([once(inside, 'exit'), once(outside, 'exit'), once(starting, 'exit'), once(reaper, 'exit')])
  t.strictSame([inside.signalCode, outside.signalCode, starting.signalCode, reaper.exitCode, forgotten.signalCode], ['SIGKILL', 'SIGKILL', 'SIGKILL', 0, null])
  forgotten.kill('SIGKILL')
})

test('a server has one reaper while trees run, and none after its builders have closed', onLinux, async t => {
  const marks = [randomUUID(), randomUUID()] as const
  const [one, two] = [start(marks[0]), start(marks[1])]
  const reapers = () => childrenOf(process.pid).filter(child => running('reaper.js').includes(child.pid)).length
  const forget = [one, two].map((child, i) => reapWithServer({ pid: child.pid, mark: marks[i] as string }))
  dismissReaper()
  await until(() => reapers() === 1, 'one reaper')
  const [first] = running('reaper.js').filter(pid => childrenOf(process.pid).some(child => child.pid === pid))
  process.kill(first as number, 'SIGKILL')
  await until(() => reapers() === 1 && !running('reaper.js').includes(first as number), 'another one, when it is killed')
  forget.forEach(run => run())
  await command('true').close?.()
  dismissReaper()
  await until(() => reapers() === 0, 'no reaper')
  t.equal(one.exitCode ?? one.signalCode, null, 'what is no longer tracked lives')
  for (const mark of marks) await killTree({ mark })
  await Promise.all([gone(one), gone(two)])
})

/** A server of its own, with preloads that tell which files Node ran. What tap adds to children is no part of it. */
function startServer (t: Test, options: { readonly execPath?: string } = {}) {
  const f = folder(t, { starts: '' })
  const { path: library } = plainLibrary(fn => t.teardown(fn))
  const preload = (name: string) => f.write(name, `require('node:fs').appendFileSync(${JSON.stringify(f.at('starts'))}, '${name} ' + require('node:path').basename(process.argv[1]) + '\\n')`)
  const server = f.write('server.mjs', `
    import { reapWithServer } from ${JSON.stringify(join(library, 'lib/builds/processes/reaper-client.js'))}
    Object.assign(process, ${JSON.stringify(options)})
    reapWithServer({ mark: 'a-mark' })
    setInterval(() => {}, 60_000)`)
  const child = spawn('env', [`NODE_OPTIONS=--require ${preload('options.cjs')}`, process.execPath, '--require', preload('argument.cjs'), server], { stdio: 'ignore' })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, starts: () => readFileSync(f.at('starts'), 'utf8').split('\n').slice(0, -1) }
}

test('the reaper runs nothing that the server preloads', onLinux, async t => {
  const { child, starts } = startServer(t)
  const [reaper] = await until(() => childrenOf(child.pid as number)[0] && childrenOf(child.pid as number), 'a reaper')
  child.kill('SIGKILL')
  await until(() => !isProcessAlive(reaper?.pid as number), 'its end')
  t.strictSame(starts(), ['options.cjs server.mjs', 'argument.cjs server.mjs'])
})

test('a reaper that ends by itself is not started again', onLinux, async t => {
  const f = folder(t, { starts: '' })
  const execPath = f.write('broken', `#!/bin/sh\necho start >> ${f.at('starts')}`)
  chmodSync(execPath, 0o755)
  const { child } = startServer(t, { execPath })
  await until(() => readFileSync(f.at('starts'), 'utf8') !== '' && childrenOf(child.pid as number).length === 0, 'its end')
  t.equal(readFileSync(f.at('starts'), 'utf8'), 'start\n')
})
