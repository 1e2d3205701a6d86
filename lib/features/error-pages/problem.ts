// Reads a thrown value for the error page: message, stack frames with the code around them, and causes.
import { readFile } from 'node:fs/promises'
import { cutRows, type CodeRow } from '../../shared/code-frame.js'
import { isWithin, shortenPath } from '../../shared/paths.js'
import { isDependency, parseStack } from '../../shared/stack-frames.js'

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
  readonly message: string
  readonly code: string | undefined
  readonly frames: readonly Frame[]
  /** `cause`, and the errors of an `AggregateError`. */
  readonly causes: readonly Problem[]
}

const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx?|ejs|pug|hbs|njk|liquid)$/i
const LINES_AROUND = 4
const MAX_LINE_CHARACTERS = 300
const MAX_FRAMES_WITH_CODE = 3
const MAX_CAUSES = 5
const MAX_CAUSE_DEPTH = 5

export async function readProblem (error: unknown, cwd: string, depth = 0): Promise<Problem> {
  if (!(error instanceof Error)) return { name: 'Thrown', message: String(error), code: undefined, frames: [], causes: [] }
  const inner = [...error instanceof AggregateError ? error.errors : [], ...error.cause === undefined ? [] : [error.cause]].slice(0, MAX_CAUSES)
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    frames: await readFrames(error, cwd),
    causes: depth < MAX_CAUSE_DEPTH ? await Promise.all(inner.map(cause => readProblem(cause, cwd, depth + 1))) : []
  }
}

async function readFrames ({ stack = '', message }: Error, cwd: string): Promise<Frame[]> {
  // Lines of the message may look like frames.
  const messageStart = message === '' ? -1 : stack.indexOf(message)
  const trace = messageStart === -1 ? stack : stack.slice(messageStart + message.length)
  const frames: Frame[] = []
  let withCode = 0
  for (const { name, source, file, line, column } of parseStack(trace)) {
    const inside = file !== undefined && isWithin(cwd, file)
    const place = inside ? shortenPath(cwd, file) : file ?? source
    const own = inside && !isDependency(`/${place}`) && SOURCE.test(place)
    const code = own && withCode < MAX_FRAMES_WITH_CODE ? await readCode(file, line) : []
    if (code.length > 0) withCode++
    frames.push({ place, line, column, name, own, code })
  }
  return frames
}

/** Empty when the file is gone or has become shorter. */
async function readCode (file: string, line: number): Promise<CodeRow[]> {
  const source = (await readFile(file, 'utf8').catch(() => '')).trimEnd()
  if (source === '') return []
  return cutRows(source, line, LINES_AROUND).map(({ number, text }) => ({ number, text: text.slice(0, MAX_LINE_CHARACTERS) }))
}
