// An uncaught error as Node prints it: `Name: message`, then a stack; a syntax error has its place above.
import type { Diagnostic } from '../../../types/build.js'
import { placeInStack } from './stack.js'

const NAME = /^(?:Uncaught )?((?:[A-Z]\w*)?(?:Error|Exception))(?: \[\w+\])?: (.*)$/
const FRAME = /^\s+(?:at .|\.{3} \d+ lines )/
const HEADER = /^(?:file:\/\/|\/|[A-Za-z]:[\\/]).*:\d+$/
const CAUSE = /^\s+\[cause\]: (?:Error: )?(.+)$/
const LOOK_AHEAD = 8

export function parseNode (lines: readonly string[], index: number): { diagnostic: Diagnostic, lines: number } | undefined {
  const header = HEADER.test(lines[index] as string)
  let head = index
  if (header) while (head < lines.length && head < index + LOOK_AHEAD && !NAME.test(lines[head] as string)) head++
  const name = NAME.exec(lines[head] ?? '')
  if (name === null) return undefined
  // A message may have several lines before its stack.
  let first = head + 1
  while (first < lines.length && first <= head + LOOK_AHEAD && !FRAME.test(lines[first] as string)) first++
  if (!FRAME.test(lines[first] ?? '')) return undefined
  let end = first
  while (end < lines.length && FRAME.test(lines[end] as string)) end++
  const stack = lines.slice(head, end).join('\n')
  const cause = CAUSE.exec(lines[end] ?? '')
  const message = name[1] === 'Error' ? name[2] as string : `${name[1]}: ${name[2]}`
  const syntax = header && name[1] === 'SyntaxError'
  return {
    diagnostic: {
      severity: 'error',
      message: cause === null ? message : `${message} (${cause[1]})`,
      ...placeInStack(syntax ? lines[index] as string : stack),
      stack
    },
    lines: end - index
  }
}
