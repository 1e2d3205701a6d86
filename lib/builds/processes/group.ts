// Whole process trees: by group, and by a mark in the environment for those that left the group.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** Every process below one of ours carries it; a daemon that left the group is found by it. */
export const MARK = 'LIVE_RELOAD_MARK'
/** So often it is asked who has come meanwhile: the last answer is as young as can be when the group is killed. */
const ROUNDS = 10
/** While a program begins it does not say what it carries: so many more looks, in all, and milliseconds between them. */
const LOOKS = 50
const BETWEEN = 2

export function createMark (): string {
  return randomBytes(12).toString('hex')
}

/** Sends a signal to a process group; to nobody when it is gone. */
export function killGroup (pid: number, signal: NodeJS.Signals, platform: NodeJS.Platform = process.platform): void {
  if (platform === 'win32') {
    // Windows has no groups: its own tool walks the tree. There is nothing softer than force for a console program.
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on('error', () => {})
    return
  }
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody is left.
  }
}

/** What runs now, to be asked before a start: `sweep` need not look at it, and looking at all of a machine costs the server some 20 ms. */
export function listProcesses (proc = '/proc'): ReadonlySet<string> {
  try {
    return new Set(readdirSync(proc))
  } catch {
    return NOTHING
  }
}

const NOTHING: ReadonlySet<string> = new Set()

/** Kills what still carries the mark, wherever it went. Linux only: elsewhere nobody can tell. */
export async function sweep (mark: string, older = NOTHING, proc = '/proc'): Promise<number> {
  const steps = search(mark, older, proc)
  let step = steps.next('')
  while (!step.done) {
    const wanted = step.value
    step = steps.next(await (typeof wanted === 'number' ? setTimeout(wanted, '') : readFile(wanted, 'latin1').catch(() => '')))
  }
  return step.value
}

/** The same at one go, for who has nothing else to do: on a busy machine every wait for an answer of the system may take milliseconds. */
export function sweepNow (mark: string, older = NOTHING, proc = '/proc'): void {
  const steps = search(mark, older, proc)
  for (let step = steps.next(''); !step.done;) step = steps.next(typeof step.value === 'number' ? sleep(step.value) : read(step.value))
}

/** Asks for the text of a file by its path, or for a pause by its milliseconds; how many it has killed at its end. */
function * search (mark: string, older: ReadonlySet<string>, proc: string): Generator<string | number, number, string> {
  let killed = 0
  let looks = LOOKS
  const seen = new Set(older)
  for (let round = 0; round < ROUNDS; round++) {
    let names = [...listProcesses(proc)].filter(name => isWorthALook(name, seen))
    if (names.length === 0) break
    for (const name of names) seen.add(name)
    while (names.length > 0) {
      const beginning: string[] = []
      for (const name of names) {
        const environ = yield `${proc}/${name}/environ`
        if (environ.includes(`${MARK}=${mark}`)) killed += stop(Number(name))
        else if (environ === '' && hasProgram(`${proc}/${name}`)) beginning.push(name)
      }
      names = looks-- > 0 ? beginning : []
      if (names.length > 0) yield BETWEEN
    }
  }
  return killed
}

/** Between `execve` and the first instruction a process has a program, but no environment yet (fs/proc/base.c, `environ_read`). One that has ended, or is the kernel's, has no program either. */
function hasProgram (path: string): boolean {
  try {
    readlinkSync(`${path}/exe`)
    return true
  } catch {
    return false
  }
}

function read (path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function sleep (ms: number): string {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  return ''
}

function isWorthALook (name: string, older: ReadonlySet<string>): boolean {
  return /^\d+$/.test(name) && !older.has(name) && Number(name) !== process.pid
}

function stop (pid: number): number {
  try {
    process.kill(pid, 'SIGKILL')
    return 1
  } catch {
    return 0
  }
}

export function isProcessAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
