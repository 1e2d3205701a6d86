import type { Diagnostic, Progress } from '../../../types/build.js'

/** Where one task runs. Only `process` isolates: a thread has a heap of its own but takes the server along when native code crashes, `inline` is the server. */
export type ExecutorKind = 'process' | 'thread' | 'inline'

/** A module's default export, called with `data`. */
export interface Task {
  /** Absolute path of the module. */
  readonly file: string
  /** Plain data. */
  readonly data: unknown
}

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. @default no limit */
  readonly timeout?: number | undefined
  readonly onLog?: ((text: string) => void) | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** The end of what the task printed; called once, before the task settles, when it printed something. */
  readonly onOutput?: ((tail: string) => void) | undefined
}

/** What the default export of a module gets beside its data. */
export interface TaskContext {
  readonly signal: AbortSignal
  log (text: string): void
  progress (progress: Progress): void
}

export type TaskErrorCode =
  /** The module threw, or can not be loaded. */
  | 'TASK_THREW'
  /** Its process or thread ended before it gave a result. */
  | 'TASK_CRASHED'
  | 'TASK_TIMEOUT'
  /** What it gave is no plain data, or too much of it. */
  | 'TASK_RESULT'
  /** The system gives no process or thread. */
  | 'EXECUTOR_UNAVAILABLE'
  | 'EXECUTOR_CLOSED'

/** Why a task failed, by fields. */
export interface TaskError extends Error {
  readonly code: TaskErrorCode
  readonly diagnostic: Diagnostic
  readonly exitCode?: number | null
  readonly exitSignal?: string | null
}

/** Runs tasks somewhere. All kinds pass one conformance suite. */
export interface Executor {
  readonly kind: ExecutorKind
  /** Tasks at the same time; more wait. */
  readonly size: number
  /**
   * Resolves with what the module gave, as plain data.
   * @throws {TaskError} for every failure; the signal's reason when aborted, at most 250 ms later.
   */
  run (task: Task, options?: TaskOptions): Promise<unknown>
  /** Starts what is needed ahead of the first task, and loads the module. */
  warm (file?: string): void
  /** Ends everything, running tasks as well. Idempotent. */
  close (): Promise<void>
}
