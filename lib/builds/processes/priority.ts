// A long build gives way to the server. On an idle machine it runs as fast as ever.
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'

/** Short builds keep their priority: on a busy machine they would wait for other programs. */
const LONG_BUILD_MS = 500
const NICE = constants.priority.PRIORITY_BELOW_NORMAL

/** Where nobody waits for a server, builds are all there is: the command line sets it to `normal`. */
export const PRIORITY_VARIABLE = 'LIVE_RELOAD_BUILD_PRIORITY'

/** Returns a function that cancels it. A lowered priority stays: only root may raise it again. */
export function lowerPriorityLater (pid: number | undefined, ms = LONG_BUILD_MS): () => void {
  const timer = pid === undefined || process.env[PRIORITY_VARIABLE] === 'normal' ? undefined : setTimeout(lowerPriority, ms, pid).unref()
  return () => clearTimeout(timer)
}

export function lowerPriority (pid: number, platform: NodeJS.Platform = process.platform, program = 'renice'): void {
  if (platform === 'win32') {
    try {
      setPriority(pid, NICE)
    } catch {
      // It has ended, or the system refuses: it runs as it is.
    }
    return
  }
  // Node's own `setPriority` reaches one thread of one process.
  spawn(program, ['-n', String(NICE), '-g', String(pid)], { stdio: 'ignore' }).on('error', () => {})
  // Where Linux schedules by session (sched_autogroup), a priority counts only within its session, which has a weight of its own.
  writeFile(`/proc/${pid}/autogroup`, String(NICE), { flag: 'r+' }).catch(() => {})
}
