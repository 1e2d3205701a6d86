// Whole process trees: by group, and by a mark in the environment for those that left the group.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'

/** Every process below one of ours carries it; a daemon that left the group is found by it. */
export const MARK = 'LIVE_RELOAD_MARK'
const ROUNDS = 3
/** While a program begins it does not say what it carries: so many looks at it, and milliseconds between them. */
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
  let killed = 0
  for (let round = 0; round < ROUNDS; round++) {
    const found = await findMarked(mark, older, proc)
    if (found.length === 0) break
    for (const pid of found) killed += stop(pid)
  }
  return killed
}

export async function findMarked (mark: string, older = NOTHING, proc = '/proc'): Promise<number[]> {
  const names = await readdir(proc).catch(() => [])
  const found: number[] = []
  for (const name of names) {
    if (!isWorthALook(name, older)) continue
    const look = () => readFile(`${proc}/${name}/environ`, 'latin1').catch(() => '')
    let environ = await look()
    for (let looks = 1; looks < LOOKS && begins(environ, `${proc}/${name}`); looks++) {
      await setTimeout(BETWEEN)
      environ = await look()
    }
    if (environ.includes(`${MARK}=${mark}`)) found.push(Number(name))
  }
  return found
}

/** The same at one go, for who has nothing else to do: on a busy machine every wait for an answer of the system may take milliseconds. */
export function sweepNow (mark: string, older = NOTHING, proc = '/proc'): void {
  for (let found = true, round = 0; found && round < ROUNDS; round++) {
    found = false
    for (const name of listProcesses(proc)) {
      if (!isWorthALook(name, older) || !carries(`${proc}/${name}`, mark)) continue
      found = true
      stop(Number(name))
    }
  }
}

function isWorthALook (name: string, older: ReadonlySet<string>): boolean {
  return /^\d+$/.test(name) && !older.has(name) && Number(name) !== process.pid
}

function carries (path: string, mark: string): boolean {
  try {
    let environ = readFileSync(`${path}/environ`, 'latin1')
    for (let looks = 1; looks < LOOKS && begins(environ, path); looks++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BETWEEN)
      environ = readFileSync(`${path}/environ`, 'latin1')
    }
    return environ.includes(`${MARK}=${mark}`)
  } catch {
    return false
  }
}

/** Between `execve` and the first instruction there is a program, but no environment yet (fs/proc/base.c, `environ_read`). One that has ended, or is the kernel's, has no program either. */
function begins (environ: string, path: string): boolean {
  if (environ !== '') return false
  try {
    readlinkSync(`${path}/exe`)
    return true
  } catch {
    return false
  }
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
