// Anything that was thrown, as one diagnostic. Reading it may throw as well.
import type { Diagnostic } from '../../../types/build.js'
import { clip } from '../../shared/text.js'
import { locate, type SourceLocation } from './location.js'

const MAX_MESSAGE_CHARACTERS = 8_192
const MAX_STACK_CHARACTERS = 16_384
const MAX_CAUSES = 5

export function describe (error: unknown): Diagnostic {
  if (!isError(error)) return { severity: 'error', message: `the build threw ${print(error)}` }
  const message = clip(headOf(error) + causesOf(error), MAX_MESSAGE_CHARACTERS)
  const stack = read(error, 'stack')
  const place = placeOf(error) ?? (typeof stack === 'string' ? locate(stack) : {})
  return { severity: 'error', message, ...place, ...(typeof stack === 'string' && { stack: clip(stack, MAX_STACK_CHARACTERS) }) }
}

/** Compilers say which source they mean: PostCSS in `file`, Pug and Less in `filename`, both with `line` and `column`. */
function placeOf (error: object): SourceLocation | undefined {
  const file = read(error, 'file') ?? read(error, 'filename')
  const [line, column] = [read(error, 'line'), read(error, 'column')]
  if (typeof file !== 'string' || !isCount(line)) return undefined
  return isCount(column) ? { file, line, column } : { file, line }
}

function isCount (value: unknown): value is number {
  return Number.isInteger(value) && value as number > 0
}

/** The causes of an error in parentheses; empty when there are none. */
export function causesOf (error: unknown): string {
  const causes: string[] = []
  let cause = isError(error) ? read(error, 'cause') : undefined
  while (cause !== undefined && cause !== null && causes.length < MAX_CAUSES) {
    causes.push(isError(cause) ? headOf(cause) : print(cause))
    cause = isError(cause) ? read(cause, 'cause') : undefined
  }
  return causes.length === 0 ? '' : ` (${causes.join('; ')})`
}

function headOf (error: object): string {
  const message = read(error, 'message')
  const name = read(error, 'name')
  if (typeof message !== 'string') return 'the build threw something that cannot be read'
  return typeof name === 'string' && name !== 'Error' ? `${name}: ${message}` : message
}

function isError (value: unknown): value is object {
  try {
    return value instanceof Error || (typeof value === 'object' && value !== null && typeof Reflect.get(value, 'message') === 'string' && 'stack' in value)
  } catch {
    return false
  }
}

function read (from: object, key: string): unknown {
  try {
    return Reflect.get(from, key)
  } catch {
    return undefined
  }
}

function print (value: unknown): string {
  try {
    return clip(typeof value === 'object' ? JSON.stringify(value) : String(value), 200)
  } catch {
    return 'something that cannot be read'
  }
}
