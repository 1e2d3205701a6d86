// Where builds run: the environment decides, else a process; a thread where the system gives no process.
import { availableMemory } from 'node:process'
import { check, oneOf } from '../../options/check.js'
import type { Executor, ExecutorKind } from './executor.js'
import { despiteShortage, isShortage } from '../processes/shortage.js'
import { isTaskError } from './failure.js'
import { inlineExecutor } from './inline.js'
import { createPool } from './pool.js'
import { processTransport } from './process.js'
import { threadTransport } from './thread.js'

export interface ExecutorOptions {
  /** Tasks at the same time. @default 1 */
  size?: number
  /** Added to Node's arguments: loaders. */
  execArgv?: readonly string[]
  /** Added to the environment. */
  env?: Readonly<Record<string, string | undefined>>
  maxTasks?: number
  maxRss?: number
  log?: (text: string) => void
}

export function processExecutor ({ execArgv = [], env = {}, ...options }: ExecutorOptions = {}): Executor {
  return createPool({ ...options, kind: 'process', transport: processTransport({ execArgv, env }) })
}

export function threadExecutor ({ execArgv = [], env = {}, ...options }: ExecutorOptions = {}): Executor {
  return createPool({ ...options, kind: 'thread', transport: threadTransport({ execArgv, env }) })
}

export { inlineExecutor }

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly execArgv: readonly string[]
  /** Bytes. */
  readonly memory: number
  /** False when Node's permission model forbids processes. */
  readonly mayFork: boolean
}

export interface Choice { readonly kind: ExecutorKind, readonly reason: string, /** May be given up for a thread. */ readonly auto: boolean }

const VARIABLE = 'LIVE_RELOAD_BUILD_EXECUTOR'
const LEAST_MEMORY = 256 * 1024 ** 2

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function choose (wanted: 'auto' | ExecutorKind = 'auto', around: Surroundings = surroundings()): Choice {
  const is = oneOf('auto', 'process', 'thread', 'inline')
  const fromEnv = check(VARIABLE, around.env[VARIABLE] || 'auto', "'auto', 'process', 'thread' or 'inline'", is)
  if (fromEnv !== 'auto') return { kind: fromEnv, reason: VARIABLE, auto: false }
  if (check('executor', wanted, "'auto', 'process', 'thread', 'inline' or an Executor", is) !== 'auto') return { kind: wanted as ExecutorKind, reason: 'option', auto: false }
  if (around.execArgv.some(argument => argument.startsWith('--inspect-brk'))) return { kind: 'inline', reason: 'a debugger waits (--inspect-brk)', auto: false }
  if (!around.mayFork) return { kind: 'thread', reason: 'the permission model forbids child processes', auto: false }
  if (around.memory < LEAST_MEMORY) return { kind: 'thread', reason: `only ${Math.round(around.memory / 1024 ** 2)} MiB of memory are free`, auto: false }
  return { kind: 'process', reason: 'default', auto: true }
}

/** Tells its choice once through `log`. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function createExecutor (wanted: 'auto' | ExecutorKind | undefined, options: ExecutorOptions & { log: (text: string) => void }, around?: Surroundings): Executor {
  const choice = choose(wanted, around)
  options.log(`builds run in ${NAMES[choice.kind]} (${choice.reason})`)
  const make = { process: processExecutor, thread: threadExecutor, inline: inlineExecutor }
  const first = make[choice.kind](options)
  return choice.auto ? withFallback(first, () => threadExecutor(options), options.log) : first
}

const NAMES: Record<ExecutorKind, string> = { process: 'a process of their own', thread: 'a worker thread', inline: "the server's process" }

/** The other one takes over for good when the first can not be started. */
export function withFallback (first: Executor, other: () => Executor, log: (text: string) => void): Executor {
  let inner = first
  return {
    get kind () { return inner.kind },
    size: first.size,
    async run (task, options) {
      try {
        return await despiteShortage(() => inner.run(task, options), options?.signal)
      } catch (error) {
        // Where there are too many processes there are too many threads: the next build asks again.
        if (!isTaskError(error) || error.code !== 'EXECUTOR_UNAVAILABLE' || inner.kind === 'thread' || isShortage(error)) throw error
        log(`${error.message}; builds run in ${NAMES.thread} instead, where a crash is the server's`)
        await first.close()
        inner = other()
        return inner.run(task, options)
      }
    },
    warm: file => inner.warm(file),
    close: () => inner.close()
  }
}

function surroundings (): Surroundings {
  return { env: process.env, execArgv: process.execArgv, memory: availableMemory(), mayFork: mayFork(process) }
}

/** Without the permission model everything is allowed. */
export function mayFork (runtime: object): boolean {
  const permission = Reflect.get(runtime, 'permission') as { has (scope: string): boolean } | undefined
  return permission === undefined || permission.has('child')
}
