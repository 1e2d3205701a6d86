// Why a task failed, as an error with fields.
import type { Diagnostic } from '../../../types/build.js'
import type { TaskError, TaskErrorCode } from './executor.js'
import { RELIEF } from '../processes/explain.js'
import { isShortage } from '../processes/shortage.js'

export function taskError (code: TaskErrorCode, diagnostic: Diagnostic | string, more: Partial<Pick<TaskError, 'exitCode' | 'exitSignal'>> = {}): TaskError {
  const whole: Diagnostic = typeof diagnostic === 'string' ? { severity: 'error', message: diagnostic } : diagnostic
  return Object.assign(new Error(whole.message), { code, diagnostic: whole, ...more })
}

/** The system refused to start what builds run in. */
export function unavailable (kind: 'process' | 'thread', cause: Error): TaskError {
  const advice = isShortage(cause) ? `; ${RELIEF}` : ''
  return Object.assign(taskError('EXECUTOR_UNAVAILABLE', `the system gives no ${kind}: ${cause.message}${advice}`), { cause })
}

/** Marks an error that another task may be to blame for: this one deserves a second try. */
export function innocent (error: TaskError): TaskError {
  return Object.assign(error, { innocent: true })
}

export function isInnocent (error: unknown): boolean {
  return error instanceof Error && 'innocent' in error
}

export function isTaskError (error: unknown): error is TaskError {
  return error instanceof Error && 'diagnostic' in error && 'code' in error
}
