// The program as people start it: a process of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../../lib/entries/cli/cli.ts', import.meta.url))

export interface Ended { readonly code: number | null, readonly stdout: string, readonly stderr: string }

export interface Started {
  readonly child: ChildProcess
  /** What it has written to stdout and stderr so far. */
  said (): string
  readonly ended: Promise<Ended>
}

export interface StartOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Arguments of Node. */
  readonly node?: readonly string[]
}

export function start ({ cwd, env = {}, node = [] }: StartOptions, ...args: string[]): Started {
  const child = spawn(process.execPath, [...process.execArgv, ...node, CLI, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', text => { stdout += text })
  child.stderr.setEncoding('utf8').on('data', text => { stderr += text })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return { child, said: () => stdout + stderr, ended }
}

export const run = (options: StartOptions, ...args: string[]): Promise<Ended> => start(options, ...args).ended
