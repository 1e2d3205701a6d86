// Where builds run: decided by the environment, the option, or what this Node allows.
import { availableMemory } from 'node:process'
import { check, oneOf } from '../../options/check.js'
import type { ExecutorKind } from './executor.js'

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly execArgv: readonly string[]
  readonly memoryBytes: number
  /** False when Node's permission model forbids child processes. */
  readonly mayFork: boolean
}

export interface Choice { readonly kind: ExecutorKind, readonly reason: string }

const VARIABLE = 'LIVE_RELOAD_BUILD_EXECUTOR'
const MIN_PROCESS_MEMORY_BYTES = 256 * 1024 ** 2

/** @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function chooseExecutor (wanted: 'auto' | ExecutorKind = 'auto', around: Surroundings = surroundings()): Choice {
  const isKind = oneOf('auto', 'process', 'thread', 'inline')
  const fromEnv = check(VARIABLE, around.env[VARIABLE] || 'auto', "'auto', 'process', 'thread' or 'inline'", isKind)
  if (fromEnv !== 'auto') return { kind: fromEnv, reason: VARIABLE }
  const fromOption = check('executor', wanted, "'auto', 'process', 'thread', 'inline' or an Executor", isKind)
  if (fromOption !== 'auto') return { kind: fromOption, reason: 'option' }
  if (around.execArgv.some(argument => argument.startsWith('--inspect-brk'))) return { kind: 'inline', reason: 'a debugger waits (--inspect-brk)' }
  if (!around.mayFork) return { kind: 'thread', reason: 'the permission model forbids child processes' }
  if (around.memoryBytes < MIN_PROCESS_MEMORY_BYTES) return { kind: 'thread', reason: `only ${Math.round(around.memoryBytes / 1024 ** 2)} MiB of memory are free` }
  return { kind: 'process', reason: 'default' }
}

function surroundings (): Surroundings {
  // Absent without the permission model, which Node's types do not know.
  const { permission } = process as { permission?: { has (scope: string): boolean } }
  return { env: process.env, execArgv: process.execArgv, memoryBytes: availableMemory(), mayFork: permission?.has('child') ?? true }
}
