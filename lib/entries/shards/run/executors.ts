// Executors for apps: where the module of a shard, or of an isolated build, runs.
import { availableParallelism } from 'node:os'
import { availableMemory } from 'node:process'
import { integer, known } from '../../../options/check.js'
import { createExecutor } from '../../../builds/executors/create.js'
import type { Executor } from '../../../builds/executors/executor.js'
import { InlineExecutor } from '../../../builds/executors/inline.js'

export interface PoolExecutorOptions {
  /** Tasks at once. @default as many as processors, as far as memory allows */
  size?: number
  /** MiB of memory for the objects of a worker. @default a share of what is free */
  maxMemory?: number
  /** Arguments of Node, such as a loader. */
  execArgv?: readonly string[]
  /** Added to the environment. */
  env?: Readonly<Record<string, string | undefined>>
  /** What workers throw after the end of a task goes here. */
  log? (text: string): void
}

const MIB = 1024 ** 2
/** What stays for the rest of the system, and what a worker is expected to need. */
const [RESERVED_BYTES, WORKER_BYTES] = [512 * MIB, 512 * MIB]
const [MIN_HEAP_MIB, MAX_HEAP_MIB] = [256, 4_096]

/** Workers that processors and memory allow. At least one. */
export function workersFor (processors = availableParallelism(), memoryBytes = availableMemory()): number {
  return Math.max(1, Math.min(processors, Math.floor((memoryBytes - RESERVED_BYTES) / WORKER_BYTES)))
}

/** Tasks run in processes, which may crash. @throws FST_LIVE_RELOAD_INVALID_OPTION */
export function processExecutor (options: PoolExecutorOptions = {}): Executor {
  const { size, maxMemory, execArgv = [], env, log } = poolOptions('processExecutor', options)
  return createExecutor({ kind: 'process', reason: 'option' }, { execArgv: [`--max-old-space-size=${maxMemory}`, ...execArgv], ...env && { env } }, log, size)
}

/** Tasks run in threads: these start faster, but native code that crashes ends the server, and `process.chdir()` is not there. */
export function threadExecutor (options: PoolExecutorOptions = {}): Executor {
  const { size, maxMemory, execArgv = [], env, log } = poolOptions('threadExecutor', options)
  return createExecutor({ kind: 'thread', reason: 'option' }, { execArgv, maxHeapMib: maxMemory, ...env && { env } }, log, size)
}

/** Tasks run in the server itself, one after the other: for debuggers. */
export function inlineExecutor (): Executor {
  return new InlineExecutor()
}

function poolOptions (name: string, given: PoolExecutorOptions): PoolExecutorOptions & { size: number, maxMemory: number, log: (text: string) => void } {
  known(`${name}.`, given, ['size', 'maxMemory', 'execArgv', 'env', 'log'])
  const size = integer(`${name}.size`, given.size, workersFor(), 1, 1_024)
  const share = Math.round((availableMemory() - RESERVED_BYTES) / size / MIB)
  const maxMemory = integer(`${name}.maxMemory`, given.maxMemory, Math.min(Math.max(share, MIN_HEAP_MIB), MAX_HEAP_MIB), 16, 2 ** 20)
  return { ...given, size, maxMemory, log: given.log ?? (() => {}) }
}
