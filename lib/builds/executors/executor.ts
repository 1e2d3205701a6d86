import type { Diagnostic, Progress } from '../../../types/build.js'

/** Where one task runs. Only `process` isolates: native code that crashes in a thread ends the server, and `inline` is the server. */
export type ExecutorKind = 'process' | 'thread' | 'inline'

/** A module's default export, called with `data`. */
export interface Task {
  /** Absolute path of the module. */
  readonly file: string
  /** Plain data. */
  readonly data: unknown
  /** Absolute path of a module of ours that calls the module: its default export gets that function, the data, and the context. */
  readonly through?: string
}

export interface TaskOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds. @default no limit */
  readonly timeout?: number | undefined
  readonly onLog?: ((text: string) => void) | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Receives the tail of what the task printed, if anything: once, before the task settles. */
  readonly onOutput?: ((tail: string) => void) | undefined
}

/** What the default export of a module gets beside its data. */
export interface TaskContext {
  readonly signal: AbortSignal
  log (text: string): void
  progress (progress: Progress): void
}

export type TaskErrorCode =
  /** The module threw, or cannot be loaded. */
  | 'TASK_THREW'
  /** Its process or thread ended without a result. */
  | 'TASK_CRASHED'
  | 'TASK_TIMEOUT'
  /** Its data or its result is not plain data, or the result is too large. */
  | 'TASK_RESULT'
  /** The system gives no process or thread. */
  | 'EXECUTOR_UNAVAILABLE'
  | 'EXECUTOR_CLOSED'

/** Why a task failed, by fields. */
export interface TaskError extends Error {
  readonly code: TaskErrorCode
  readonly diagnostic: Diagnostic
  /** The module did not even load: no other task of it will do better. */
  readonly isLoadError?: boolean
  readonly exitCode?: number | null
  readonly exitSignal?: string | null
}

/** Runs tasks somewhere. All kinds pass one conformance suite. */
export interface Executor {
  readonly kind: ExecutorKind
  /** How many tasks it is prepared to run at once. @default 1 */
  readonly size?: number
  /**
   * Resolves with the module's result, as plain data.
   * @throws {TaskError} for every failure; the signal's reason when aborted, at most 250 ms later.
   */
  run (task: Task, options?: TaskOptions): Promise<unknown>
  /** Starts what the first task needs, and loads the module. */
  warm (file: string): void | Promise<void>
  /** Ends everything, running tasks as well. Idempotent. */
  close (): Promise<void>
}
