// An uncaught error as Node prints it: `Name: message`, then a stack. A syntax error has its place above.
import type { Diagnostic } from '../../../types/build.js'
import { locate } from './location.js'

const NAME = /^(?:Uncaught )?((?:[A-Z]\w*)?(?:Error|Exception))(?: \[\w+\])?: (.*)$/
const FRAME = /^\s+(?:at .|\.{3} \d+ lines )/
const HEADER = /^(?:file:\/\/|\/|[A-Za-z]:[\\/]).*:\d+$/
const CAUSE = /^\s+\[cause\]: (?:Error: )?(.+)$/
/** Lines of source between a header and the name, or of a message between the name and the stack. */
const MAX_LINES_BETWEEN = 8

export function parseNode (lines: readonly string[], index: number): { diagnostic: Diagnostic, lines: number } | undefined {
  const hasHeader = HEADER.test(lines[index] as string)
  let head = index
  if (hasHeader) while (head < lines.length && head < index + MAX_LINES_BETWEEN && !NAME.test(lines[head] as string)) head++
  const name = NAME.exec(lines[head] ?? '')
  if (name === null) return undefined
  let first = head + 1
  while (first < lines.length && first <= head + MAX_LINES_BETWEEN && !FRAME.test(lines[first] as string)) first++
  if (!FRAME.test(lines[first] ?? '')) return undefined
  let end = first
  while (end < lines.length && FRAME.test(lines[end] as string)) end++
  const stack = lines.slice(head, end).join('\n')
  const cause = CAUSE.exec(lines[end] ?? '')
  const message = name[1] === 'Error' ? name[2] as string : `${name[1]}: ${name[2]}`
  const isSyntaxError = hasHeader && name[1] === 'SyntaxError'
  return {
    diagnostic: {
      severity: 'error',
      message: cause === null ? message : `${message} (${cause[1]})`,
      ...locate(isSyntaxError ? lines[index] as string : stack),
      stack
    },
    lines: end - index
  }
}
