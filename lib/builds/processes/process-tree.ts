// Process trees: signalled as a group, and found by a mark in the environment when a process has left the group.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** The environment variable that every process of a tree inherits. */
export const MARK = 'LIVE_RELOAD_MARK'
const MAX_SWEEPS = 10

export interface ProcessTree {
  /** The first process; the id of its group is the same. Not known before it has started. */
  readonly pid?: number | undefined
  /** The value of `MARK` in this tree. */
  readonly mark: string
}

/** Does nothing when the group is gone. */
export function signalGroup (pid: number, signal: NodeJS.Signals, platform: NodeJS.Platform = process.platform): void {
  if (platform === 'win32') {
    // Windows has no groups; its own tool walks the tree, and can only force.
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on('error', () => {})
  } else send(-pid, signal)
}

/** Processes that run now. Taken before a tree starts, it spares `killTree` their environments. Linux only. */
export function listProcesses (folder = '/proc'): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder))
  } catch {
    return new Set()
  }
}

/** Kills the group and, on Linux, the processes that left it. */
export async function killTree ({ pid, mark }: ProcessTree, before: ReadonlySet<string> = new Set()): Promise<void> {
  if (pid !== undefined) signalGroup(pid, 'SIGKILL')
  // A process may have forked while the others were read.
  for (let round = 0; round < MAX_SWEEPS && await sweep(mark, before) > 0;) round++
}

async function sweep (mark: string, before: ReadonlySet<string>): Promise<number> {
  const pids = [...listProcesses()].filter(name => /^\d+$/.test(name) && !before.has(name))
  const found = await Promise.all(pids.map(async pid => {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    // Whole: a server that ends while it writes a mark leaves the beginning of it, which others have too.
    return `\0${environment}`.includes(`\0${MARK}=${mark}\0`) && send(Number(pid), 'SIGKILL')
  }))
  return found.filter(Boolean).length
}

export function isProcessAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function send (pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
