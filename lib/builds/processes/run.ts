// Runs one program without a shell, in a group of its own, and says how it ended. Nothing of it is left behind.
import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { tieToExit } from './alive.js'
import { explainEnding, explainStart, objectToCwd } from './explain.js'
import { MARK, createMark, killGroup, listProcesses, sweep } from './group.js'
import { guardGroup } from './guarded.js'
import { collectOutput } from './output.js'
import { giveWayLater } from './priority.js'
import { resolveProgram, withLocalBin } from './resolve.js'
import { despiteShortage } from './shortage.js'

export interface RunOptions {
  readonly cwd: string
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Milliseconds between SIGTERM and SIGKILL after the signal aborts. */
  grace (): number
}

export interface RunOutcome {
  readonly ok: boolean
  /** How it failed, after its name; absent when `ok`. */
  readonly reason?: string
  readonly output: string
}

interface Started { readonly child: ChildProcess, readonly pid: number }

/** A program that does not die of SIGKILL at once (it hangs in the system, or others have the processor) is left alone after this. */
const LAST = 100

export async function runProgram (argv: readonly string[], options: RunOptions): Promise<RunOutcome> {
  const { cwd, signal } = options
  const objection = await objectToCwd(cwd)
  if (objection !== undefined) return { ok: false, reason: objection, output: '' }
  if (signal.aborted) return { ok: false, reason: 'was stopped', output: '' }
  const mark = createMark()
  const older = listProcesses()
  const env = { ...withLocalBin({ ...process.env, ...options.env }, cwd), [MARK]: mark }
  const [program, ...rest] = resolveProgram(argv, env) as [string, ...string[]]
  const failed = async (error: unknown): Promise<RunOutcome> =>
    ({ ok: false, reason: await explainStart(error as NodeJS.ErrnoException, program, cwd, env), output: '' })
  const start = async (): Promise<Started> => {
    // A group of its own: the tree can be killed as one, and a program that kills its group does not reach the server.
    const child = spawn(program, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true, windowsHide: true })
    if (child.pid === undefined) throw await new Promise(resolve => child.once('error', resolve))
    return { child, pid: child.pid }
  }
  try {
    const { child, pid } = await despiteShortage(start, signal)
    return await follow(child, pid, { mark, older }, options)
  } catch (error) {
    return failed(error)
  }
}

async function follow (child: ChildProcess, pid: number, { mark, older }: { mark: string, older: ReadonlySet<string> }, { signal, grace }: RunOptions): Promise<RunOutcome> {
  const output = collectOutput([child.stdout as Readable, child.stderr as Readable])
  const undo = [tieToExit(pid), guardGroup(pid, mark), giveWayLater(pid)]
  let timers: NodeJS.Timeout[] = []
  const ended = await new Promise<{ code: number | null, signal: string | null, alive?: true }>(resolve => {
    const stop = () => {
      killGroup(pid, 'SIGTERM')
      timers = [
        setTimeout(() => killGroup(pid, 'SIGKILL'), grace()),
        setTimeout(() => resolve({ code: null, signal: 'SIGKILL', alive: true }), grace() + LAST)
      ]
    }
    // Not `close`: a grandchild may hold the pipes for ever.
    child.once('exit', (code, by) => resolve({ code, signal: by }))
    signal.addEventListener('abort', stop, { once: true })
    undo.push(() => signal.removeEventListener('abort', stop))
  })
  timers.forEach(clearTimeout)
  killGroup(pid, 'SIGKILL')
  const swept = sweep(mark, older)
  if (!ended.alive) await output.drained()
  output.destroy()
  await swept
  undo.forEach(run => run())
  const text = output.text()
  if (ended.code === 0) return { ok: true, output: text }
  return { ok: false, reason: explainEnding({ ...ended, output: text }), output: text }
}
