// Why a task failed, as an error with fields.
import type { Diagnostic } from '../../../types/build.js'
import type { TaskError, TaskErrorCode } from '../../../types/executor.js'

export function taskError (code: TaskErrorCode, diagnostic: Diagnostic | string, more: Partial<Pick<TaskError, 'exitCode' | 'exitSignal'>> = {}): TaskError {
  const whole: Diagnostic = typeof diagnostic === 'string' ? { severity: 'error', message: diagnostic } : diagnostic
  return Object.assign(new Error(whole.message), { code, diagnostic: whole, ...more })
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
