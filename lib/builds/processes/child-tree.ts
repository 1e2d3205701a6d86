// A child process in a group of its own, with everything it starts. Commands and isolated builds run in one.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { OutputTail } from './output.js'
import { MARK, killTree, listProcesses, signalGroup } from './process-tree.js'
import { reapWithServer } from './reaper-client.js'

export interface TreeOptions {
  readonly cwd?: string
  readonly env: NodeJS.ProcessEnv
  /** Adds a two-way pipe as file descriptor 3. */
  readonly channel?: boolean
}

export interface Exit {
  readonly code: number | null
  readonly signal: string | null
  /** Set when the program could not be started. */
  readonly error?: NodeJS.ErrnoException
}

export class ChildTree {
  readonly child: ChildProcess
  readonly output: OutputTail
  /** Settles when the first process has ended; descendants may still run. */
  readonly exited: Promise<Exit>
  readonly #mark = randomUUID()
  readonly #before = listProcesses()
  readonly #forget: () => void

  /** @throws the system's error, for reasons that Node reports at once. */
  constructor (argv: readonly string[], { cwd, env, channel = false }: TreeOptions) {
    const [program, ...args] = argv as [string, ...string[]]
    this.#forget = reapWithServer({ mark: this.#mark })
    try {
      this.child = spawn(program, args, {
        cwd,
        env: { ...env, [MARK]: this.#mark },
        stdio: ['ignore', 'pipe', 'pipe', ...channel ? ['pipe' as const] : []],
        // The tree can be killed as one, and a program that kills its own group does not reach the server.
        detached: true,
        windowsHide: true
      })
    } catch (error) {
      this.#forget()
      throw error
    }
    const { pid } = this.child
    if (pid === undefined) this.#forget()
    else reapWithServer({ mark: this.#mark, pid })
    this.output = new OutputTail([this.child.stdout, this.child.stderr].filter((stream): stream is Readable => stream instanceof Object))
    // Not `close`: a grandchild may hold the pipes forever.
    this.exited = new Promise(resolve => this.child
      .once('exit', (code, signal) => resolve({ code, signal }))
      .once('error', error => resolve({ code: null, signal: null, error })))
  }

  signal (signal: NodeJS.Signals): void {
    if (this.child.pid !== undefined) signalGroup(this.child.pid, signal)
  }

  /** Kills what is left of the tree, and closes its pipes. */
  async end ({ drain = true } = {}): Promise<void> {
    const { pid } = this.child
    if (pid !== undefined) await killTree({ pid, mark: this.#mark }, this.#before)
    this.#forget()
    if (drain) await this.output.drained()
    this.output.destroy()
  }
}
