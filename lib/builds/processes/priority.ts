// A build that takes long gives way to the server: what shows the page is more urgent. On an idle machine both are as fast as ever.
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, constants, loadavg, setPriority } from 'node:os'

const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority
/** Milliseconds: quick builds should not wait for others on a busy machine, and what loops or fills the memory should soon. */
const LONG = 500

/** For each processor: where more wait already, what gives way hardly runs at all, and would not even end in time when it has to. */
const BUSY = 1.5

/** Milliseconds: Linux takes one new weight in 100 ms, from all users but root together (EAGAIN). Several builds may ask at once. */
const NEXT = 110
const TRIES = 10

/** Gives its own undo back, to be called when the build is over. */
export function giveWayLater (pid: number, after = LONG, load = () => loadavg()[0] as number): () => void {
  const timer = setTimeout(() => { if (load() <= BUSY * availableParallelism()) giveWay(pid) }, after).unref()
  return () => clearTimeout(timer)
}

/** The group with this number, with all threads: Node itself can only change one. It stays so, as nobody but root may undo it. */
export function giveWay (pid: number, platform: NodeJS.Platform = process.platform, program = 'renice', proc = '/proc'): void {
  attempt(() => {
    if (platform === 'win32') return setPriority(pid, PRIORITY_BELOW_NORMAL)
    spawn(program, ['-n', String(PRIORITY_BELOW_NORMAL), '-g', String(pid)], { stdio: 'ignore' }).on('error', () => {})
  })
  attempt(() => {
    // Empty for what never began a session, as all that the first process of a container or machine starts: it has no weight to count from.
    const own = readFileSync(`${proc}/self/autogroup`, 'latin1').split(' nice ')[1] ?? 0
    weigh(`${proc}/${pid}/autogroup`, Math.min(PRIORITY_LOW, Number(own) + PRIORITY_BELOW_NORMAL), TRIES)
  })
}

/** This session counts as much as others again: it has to end now. */
export function hurry (): void {
  weigh('/proc/self/autogroup', 0, 1)
}

// Where Linux groups by session (sched_autogroup), sessions are weighed as wholes, and a priority counts for nothing outside of its own.
// The file is never made where it does not exist.
function weigh (file: string, nice: number, tries: number): void {
  try {
    writeFileSync(file, String(nice), { flag: 'r+' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && tries > 1) setTimeout(weigh, NEXT, file, nice, tries - 1).unref()
  }
}

function attempt (run: () => void): void {
  try {
    run()
  } catch {
    // It has ended, or the system does not let us: then it runs as it is.
  }
}
