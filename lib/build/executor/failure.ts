// Why a task failed, as an error with fields.
import type { Diagnostic } from '../../../types/build.js'
import type { TaskError, TaskErrorCode } from '../../../types/executor.js'

export function taskError (code: TaskErrorCode, diagnostic: Diagnostic | string, more: Partial<Pick<TaskError, 'exitCode' | 'exitSignal'>> = {}): TaskError {
  const whole: Diagnostic = typeof diagnostic === 'string' ? { severity: 'error', message: diagnostic } : diagnostic
  return Object.assign(new Error(whole.message), { code, diagnostic: whole, ...more })
}

export function isTaskError (error: unknown): error is TaskError {
  return error instanceof Error && 'diagnostic' in error && 'code' in error
}
