// Reads a thrown value for the error page: message, stack frames with the code around them, and causes.
import { isWithin, shortenPath } from '../../shared/paths.js'
import { cutRows, readText, type CodeRow } from '../../shared/sources/source-text.js'
import { isDependency, parseStack } from '../../shared/sources/stack-frames.js'
import { clean } from '../../shared/text.js'
import { MAX_SOURCE_BYTES, readMessage, SOURCE, type Message, type Place } from './message.js'

export interface Frame {
  /** Relative to the project when the file is in it: `src/page.ts`. */
  readonly place: string
  readonly line: number
  readonly column: number
  readonly name: string
  /** A source file of the project. The page shows it and may open it in an editor. */
  readonly own: boolean
  /** The lines around the place. Empty but for the first frames of the project. */
  readonly code: readonly CodeRow[]
}

export interface Problem {
  readonly name: string
  readonly message: Message
  readonly code: string | undefined
  readonly frames: readonly Frame[]
  /** `cause`, and the errors of an `AggregateError`. */
  readonly causes: readonly Problem[]
}

const LINES_AROUND = 4
const MAX_LINE_CHARACTERS = 300
const MAX_NAME_CHARACTERS = 200
const MAX_FRAMES_WITH_CODE = 3
const MAX_CAUSES = 5
const MAX_CAUSE_DEPTH = 5

/** What is thrown may be anything, and so may be the fields of an error. Rejects with what these throw when they are read. */
export async function readProblem (error: unknown, cwd: string, depth = 0): Promise<Problem> {
  const { places, ...message } = await readMessage(String(error instanceof Error ? error.message : error), cwd)
  if (!(error instanceof Error)) return { name: 'Thrown', message, code: undefined, frames: [], causes: [] }
  const inner = [...error instanceof AggregateError ? error.errors : [], ...error.cause === undefined ? [] : [error.cause]].slice(0, MAX_CAUSES)
  const { code } = error as { code?: unknown }
  return {
    name: clean(String(error.name), MAX_NAME_CHARACTERS),
    message,
    code: typeof code === 'string' ? clean(code, MAX_NAME_CHARACTERS) : undefined,
    frames: [...places.map(place => toFrame(place, cwd)), ...await readFrames(error, cwd)],
    causes: depth < MAX_CAUSE_DEPTH ? await Promise.all(inner.map(cause => readProblem(cause, cwd, depth + 1))) : []
  }
}

function toFrame ({ file, line, column, source }: Place, cwd: string): Frame {
  return { place: shortenPath(cwd, file), line, column, name: '', own: true, code: cut(source, line) }
}

async function readFrames (error: Error, cwd: string): Promise<Frame[]> {
  const [message, stack] = [String(error.message), String(error.stack)]
  // Lines of the message may look like frames.
  const messageStart = message === '' ? -1 : stack.indexOf(message)
  const trace = messageStart === -1 ? stack : stack.slice(messageStart + message.length)
  const frames: Frame[] = []
  let withCode = 0
  for (const { name, source, file, line, column } of parseStack(trace)) {
    const inside = file !== undefined && isWithin(cwd, file)
    const place = inside ? shortenPath(cwd, file) : file ?? source
    const own = inside && !isDependency(`/${place}`) && SOURCE.test(place)
    // Absent when the file is gone, or is none.
    const text = own && withCode < MAX_FRAMES_WITH_CODE ? await readText(file, { within: cwd, maxBytes: MAX_SOURCE_BYTES }) : undefined
    const code = text === undefined ? [] : cut(text.trimEnd(), line)
    if (code.length > 0) withCode++
    frames.push({ place, line, column, name, own, code })
  }
  return frames
}

function cut (source: string, line: number): CodeRow[] {
  return cutRows(source, line, LINES_AROUND).map(({ number, text }) => ({ number, text: text.slice(0, MAX_LINE_CHARACTERS) }))
}
