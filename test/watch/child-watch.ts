// Runs a watch in a process of its own, see child.ts, and keeps what it says.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { WatchStatus } from '../../types/change.js'
import { until } from '../support/wait.js'
import type { Line } from './watching.js'

interface Said { ready?: number, status?: WatchStatus, lines?: Line[], changes?: [string, string][], count?: number }

export interface ChildOptions {
  readonly root: string
  readonly backend?: string
  /** A command that runs the one it is given, such as `unshare`. */
  readonly wrapper?: readonly string[]
  readonly env?: Record<string, string>
}

export function startChild (t: Test, { root, backend = 'auto', wrapper = [], env = {} }: ChildOptions) {
  const script = fileURLToPath(new URL('./child.js', import.meta.url)).replace(/js$/, 'ts')
  const [program = '', ...args] = [...wrapper, process.execPath, ...process.execArgv, script, root, backend]
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const said: Said[] = []
  createInterface(child.stdout).on('line', line => said.push(JSON.parse(line) as Said))
  const exited = new Promise<number | null>(resolve => child.on('exit', resolve))
  // It ends by itself when its input ends, and leaves its coverage behind.
  const end = async () => {
    child.stdin.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    const code = await exited
    clearTimeout(timer)
    return code
  }
  t.teardown(end)
  return {
    child,
    said,
    end,
    ready: () => until(() => said.find(each => each.ready !== undefined), 'the child is ready', 30_000),
    reported: (path: string, text: string) => until(() => said.some(each => each.changes?.some(([at, now]) => at === path && now === text)), `a report of ${path}`, 10_000),
    /** `take`: the child uses up its file descriptors; `release`: it gives them back. */
    async status (command: '?' | 'take' | 'release' = '?') {
      const before = said.length
      child.stdin.write(command)
      return await until(() => said.slice(before).find(each => each.status !== undefined)?.status, 'an answer')
    }
  }
}
