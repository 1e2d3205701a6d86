// One task in a child, from its start to its outcome.
import { randomUUID } from 'node:crypto'
import type { Task, TaskOptions } from './executor.js'
import { taskError } from './failure.js'

export type Outcome = { readonly value: unknown } | { readonly error: unknown }

export class TaskRun {
  readonly id = randomUUID()
  readonly task: Task
  readonly options: TaskOptions
  readonly startedAt = performance.now()
  readonly promise: Promise<unknown>
  /** The result has arrived, and only output is still being read: what the child does now cannot change the outcome. */
  answered = false
  /** Set when the task is to end: the error it rejects with. */
  stopReason: { readonly error: unknown } | undefined
  #settle: (outcome: Outcome) => void = () => {}
  #timeLimit: NodeJS.Timeout | undefined
  #killTimer: NodeJS.Timeout | undefined

  /** `onStop` is called when the signal aborts or the time limit has passed. */
  constructor (task: Task, options: TaskOptions, onStop: (run: TaskRun, error: unknown) => void) {
    this.task = task
    this.options = options
    const { signal, timeout } = options
    const abort = () => onStop(this, signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    if (timeout !== undefined) this.#timeLimit = setTimeout(() => onStop(this, taskError('TASK_TIMEOUT', `the build did not end within ${timeout} ms and was stopped`)), timeout)
    this.promise = new Promise((resolve, reject) => {
      this.#settle = outcome => {
        signal?.removeEventListener('abort', abort)
        'value' in outcome ? resolve(outcome.value) : reject(outcome.error)
      }
    })
  }

  /** Replaces an earlier call. */
  killAfter (ms: number, kill: () => void): void {
    clearTimeout(this.#killTimer)
    this.#killTimer = setTimeout(kill, ms)
  }

  settle (outcome: Outcome): void {
    clearTimeout(this.#timeLimit)
    clearTimeout(this.#killTimer)
    this.#settle(outcome)
  }
}
