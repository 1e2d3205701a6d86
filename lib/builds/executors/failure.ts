// Why a task failed, as an error with fields.
import type { Diagnostic } from '../../../types/build.js'
import { adviseOnLimit } from '../processes/explain.js'
import type { TaskError, TaskErrorCode } from './executor.js'

export function taskError (code: TaskErrorCode, diagnostic: Diagnostic | string, more: object = {}): TaskError {
  const whole: Diagnostic = typeof diagnostic === 'string' ? { severity: 'error', message: diagnostic } : diagnostic
  return Object.assign(new Error(whole.message), { code, diagnostic: whole, ...more })
}

export function isTaskError (error: unknown): error is TaskError {
  return error instanceof Error && 'diagnostic' in error
}

/** The system refused to start a process or thread. */
export function unavailable (kind: 'process' | 'thread', cause: Error): TaskError {
  return taskError('EXECUTOR_UNAVAILABLE', `the system gives no ${kind}: ${cause.message}${adviseOnLimit(cause)}`, { cause })
}

export function closed (): TaskError {
  return taskError('EXECUTOR_CLOSED', 'not built: the app closes')
}
