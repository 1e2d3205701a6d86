// Stack traces as V8, Firefox and Safari print them.
import { fileURLToPath } from 'node:url'

export interface StackFrame {
  /** Name of the function; empty at the top level of a module. */
  readonly name: string
  /** A path or URL, as it is printed. */
  readonly source: string
  /** Path on this machine; absent for Node's own modules, relative paths, and URLs of other schemes. */
  readonly file: string | undefined
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
  /** Where `source:line:column` begins and ends in the printed line. */
  readonly range: readonly [start: number, end: number]
}

/** `at name (source:1:2)`, `at source:1:2`, `name@source:1:2`. A relative source contains no space, colon, bracket or `@`. */
const FRAME = /^(?:\s*at (?:async )?(?:(.+?) \()?|([^@]*)@)((?:file:\/\/|https?:\/\/|node:|[a-z]:[\\/]|\/).+?|[^\s:()@]+):(\d+):(\d+)\)?\s*$/i
/** A longer line is no frame, and looking through it takes time. */
const MAX_LINE_CHARACTERS = 2_000
const MAX_LINES = 60

export function parseStackFrame (text: string): StackFrame | undefined {
  const found = text.length > MAX_LINE_CHARACTERS ? null : FRAME.exec(text)
  if (found === null) return undefined
  const [, v8Name, name = v8Name ?? '', source = '', line, column] = found
  const location = `${source}:${line}:${column}`
  const start = text.lastIndexOf(location)
  return { name, source, file: toPath(source), line: Number(line), column: Number(column), range: [start, start + location.length] }
}

/** The frames of a stack, in order; other lines are left out. */
export function parseStack (stack: string): StackFrame[] {
  return stack.split('\n', MAX_LINES).flatMap(line => parseStackFrame(line) ?? [])
}

/** True for files of installed packages. */
export function isDependency (path: string): boolean {
  return /[\\/]node_modules[\\/]/.test(path)
}

/** The path of a `file:` URL or absolute path; `undefined` for anything else. */
export function toPath (source: string): string | undefined {
  if (!/^(?:file:|[a-z]:[\\/]|\/)/i.test(source)) return undefined
  try {
    return source.startsWith('file:') ? fileURLToPath(source) : source
  } catch {
    return undefined
  }
}
