import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { tieToExit } from '../../../lib/builds/processes/alive.js'
import { MARK, createMark, isProcessAlive, killGroup, listProcesses, sweep, sweepNow } from '../../../lib/builds/processes/group.js'
import { folder } from '../../support/folder.js'
import { carrying } from '../../support/processes.js'
import { onLinux } from '../../support/system.js'
import { until } from '../../support/wait.js'

test('groups, marks and the end of this process', onLinux, async t => {
  const mark = createMark()
  const older = listProcesses()
  const start = () => spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env: { ...process.env, [MARK]: mark } })
  const [one, two, three, four] = [start(), start(), start(), start()]
  const gone = (child: ReturnType<typeof start>) => until(() => child.exitCode !== null || child.signalCode !== null, 'gone')
  await until(() => carrying(mark).length === 4, 'found')
  killGroup(one.pid as number, 'SIGKILL')
  await gone(one)
  killGroup(one.pid as number, 'SIGKILL')
  // Nothing else hears this process's own exit here.
  const [undo, undoToo] = [tieToExit(two.pid as number), tieToExit(two.pid as number)]
  const listener = process.listeners('exit').at(-1) as () => void
  listener()
  await gone(two)
  undo()
  undoToo()
  t.notOk(process.listeners('exit').includes(listener))
  t.equal(await sweep(mark, listProcesses()), 0, 'what ran before is not looked at')
  t.equal(listProcesses('/nope').size, 0)
  t.ok(await sweep(mark, older) >= 1)
  await Promise.all([gone(three), gone(four)])
  const five = start()
  await until(() => carrying(mark).length === 1, 'found')
  sweepNow(mark, older)
  await gone(five)
  sweepNow(mark)
  sweepNow(mark, older, '/nope')
  t.equal(await sweep(mark), 0)
  t.equal(await sweep(mark, undefined, '/nope'), 0)
  killGroup(1_234_567, 'SIGTERM', 'win32')
  t.equal(isProcessAlive(1), true)
  t.equal(isProcessAlive(three.pid as number), false)
  const at = folder(t)
  for (const name of ['99999999', '99999998']) mkdirSync(at.at(name))
  sweepNow(mark, undefined, at.path)
  writeFileSync(join(at.path, '99999999', 'environ'), `X=1\0${MARK}=${mark}\0`)
  t.equal(await sweep(mark, undefined, at.path), 0, 'what is gone already is not counted')
})

test('a program that just begins is looked at until it says what it carries', onLinux, async t => {
  const mark = createMark()
  const at = folder(t)
  const pretend = (name: string, environ: string) => {
    mkdirSync(at.at(name))
    writeFileSync(at.at(`${name}/environ`), environ)
    return at.at(`${name}/environ`)
  }
  const begin = () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    const environ = pretend(String(child.pid), '')
    symlinkSync(process.execPath, join(environ, '../exe'))
    return { child, environ }
  }
  const one = begin()
  const sweeping = sweep(mark, undefined, at.path)
  setTimeout(() => writeFileSync(one.environ, `${MARK}=${mark}`), 10)
  t.ok(await sweeping >= 1)
  await until(() => one.child.signalCode === 'SIGKILL', 'ended')
  rmSync(join(one.environ, '..'), { recursive: true })

  const two = begin()
  // Another process writes, as this one is blocked.
  const written = once(spawn(process.execPath, ['-e', `fs.writeFileSync(${JSON.stringify(two.environ)}, '${MARK}=${mark}')`], { stdio: 'ignore' }), 'exit')
  await until(() => {
    sweepNow(mark, undefined, at.path)
    return two.child.signalCode === 'SIGKILL'
  }, 'ended')
  await written
  rmSync(join(two.environ, '..'), { recursive: true })

  pretend('99999999', '')
  t.equal(await sweep(mark, undefined, at.path), 0, 'without a program it has ended, or is the kernel')
  symlinkSync(process.execPath, at.at('99999999/exe'))
  const start = performance.now()
  t.equal(await sweep(mark, undefined, at.path), 0)
  t.ok(performance.now() - start > 40, 'one without an environment is looked at for a while, and no longer')
  sweepNow(mark, undefined, at.path)
})
