// Runs one program without a shell, in a process tree of its own, and says how it ended. Leaves no process behind.
import { ChildTree, type Exit } from './child-tree.js'
import { explainEnding, explainStart, explainWrongCwd } from './explain.js'
import { lowerPriorityLater } from './priority.js'
import { resolveProgram, withLocalBin } from './resolve.js'

export interface RunOptions {
  readonly cwd: string
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Milliseconds between SIGTERM and SIGKILL, asked when the signal aborts. */
  killDelay (): number
}

export interface RunOutcome {
  readonly ok: boolean
  /** How it failed, to be read after its name; absent when `ok`. */
  readonly reason?: string
  readonly output: string
}

/** After SIGKILL a program that hangs in the system, or gets no processor, is no longer waited for. */
const EXIT_TIMEOUT_MS = 100

export async function runProgram (argv: readonly string[], { cwd, env: added, signal, killDelay }: RunOptions): Promise<RunOutcome> {
  const fail = (reason: string): RunOutcome => ({ ok: false, reason, output: '' })
  const wrongCwd = await explainWrongCwd(cwd)
  if (wrongCwd !== undefined) return fail(wrongCwd)
  if (signal.aborted) return fail('was stopped')
  const env = withLocalBin({ ...process.env, ...added }, cwd)
  const resolved = resolveProgram(argv, env)
  const explain = async (error: unknown) => fail(`cannot be started: ${await explainStart(error as NodeJS.ErrnoException, resolved[0] as string, cwd, env)}`)
  let tree: ChildTree
  try {
    tree = new ChildTree(resolved, { cwd, env })
  } catch (error) {
    return explain(error)
  }
  const exit = await waitForExit(tree, signal, killDelay)
  await tree.end({ drain: Boolean(exit) })
  const { error, ...ending }: Exit = exit || { code: null, signal: 'SIGKILL' }
  if (error !== undefined) return explain(error)
  const output = tree.output.text()
  return ending.code === 0 ? { ok: true, output } : { ok: false, reason: explainEnding({ ...ending, output }), output }
}

/** Nothing when the program did not even end by SIGKILL in time. */
async function waitForExit (tree: ChildTree, signal: AbortSignal, killDelay: () => number): Promise<Exit | void> {
  const keepPriority = lowerPriorityLater(tree.child.pid)
  let timers: NodeJS.Timeout[] = []
  let stop = () => {}
  const gaveUp = new Promise<void>(resolve => {
    stop = () => {
      const delay = killDelay()
      tree.signal('SIGTERM')
      timers = [setTimeout(() => tree.signal('SIGKILL'), delay), setTimeout(resolve, delay + EXIT_TIMEOUT_MS)]
    }
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([tree.exited, gaveUp])
  } finally {
    signal.removeEventListener('abort', stop)
    timers.forEach(clearTimeout)
    keepPriority()
  }
}
