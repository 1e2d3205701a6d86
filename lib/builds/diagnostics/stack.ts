// The first place in an app's own file that a stack trace names.
import { fileURLToPath } from 'node:url'
import type { Diagnostic } from '../../../types/build.js'

export type Place = Pick<Diagnostic, 'file' | 'line' | 'column'>

const FRAME = /^\s*at (?:async )?(?:.*? \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).+?):(\d+):(\d+)\)?$/
const HEADER = /^((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+)$/
const MAX_LINE = 2_000

export function placeInStack (stack: string): Place {
  // No frame is that long; what is would be looked through again and again.
  const lines = stack.split('\n', 60).map(line => line.length > MAX_LINE ? '' : line)
  // A syntax error is printed with its place above the stack.
  const header = HEADER.exec(lines[0] as string)
  if (header !== null) return place(header[1] as string, header[2])
  const frames = lines.map(line => FRAME.exec(line)).filter(match => match !== null)
  const own = frames.find(match => !/[\\/]node_modules[\\/]/.test(match[1] as string)) ?? frames[0]
  return own === undefined ? {} : place(own[1] as string, own[2], own[3])
}

function place (file: string, line?: string, column?: string): Place {
  return { file: toPath(file), line: Number(line), ...(column !== undefined && { column: Number(column) }) }
}

/** A path, also of a `file:` URL with a query. */
function toPath (file: string): string {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file
  } catch {
    return file
  }
}
