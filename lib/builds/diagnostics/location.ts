// The place in an app's own file that a stack trace names first.
import type { Diagnostic } from '../../../types/build.js'
import { isDependency, parseStack, toPath } from '../../shared/sources/stack-frames.js'

export type SourceLocation = Pick<Diagnostic, 'file' | 'line' | 'column'>

/** A syntax error is printed with its place above the stack. */
const HEADER = /^((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+)$/

export function locate (stack: string): SourceLocation {
  const [, source = '', line] = HEADER.exec(stack.slice(0, stack.indexOf('\n') >>> 0)) ?? []
  const file = toPath(source)
  if (file !== undefined) return { file, line: Number(line) }
  const frames = parseStack(stack).filter(frame => frame.file !== undefined)
  const own = frames.find(frame => !isDependency(frame.source)) ?? frames[0]
  return own === undefined ? {} : { file: own.file as string, line: own.line, column: own.column }
}
