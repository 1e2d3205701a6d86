// What was thrown -> what a person wants to see of it: words, places, the lines around them, and its causes.
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Line {
  readonly number: number
  readonly text: string
}

export interface Frame {
  /** As a person would write it: `src/page.ts`. */
  readonly place: string
  readonly line: number
  readonly column: number
  readonly name: string
  /** A file of the project: it may be shown and opened. */
  readonly own: boolean
  /** The lines around it, of the first frames of the project. */
  readonly code: readonly Line[]
}

export interface Problem {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
  readonly frames: readonly Frame[]
  /** What caused it, or what it consists of. */
  readonly causes: readonly Problem[]
}

const FRAME = /^\s*at (?:(.+?) \()?((?:file:\/\/|node:|[a-z]:[\\/]|\/)[^()]*?):(\d+):(\d+)\)?$/i
const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte|astro|mdx?|ejs|pug|hbs|njk|liquid)$/i
const AROUND = 4
const MOST_CODE = 3
const MOST_CAUSES = 5
const MOST_FRAMES = 50

export async function readProblem (error: unknown, cwd: string, depth = 0): Promise<Problem> {
  if (!(error instanceof Error)) return { name: 'Thrown', message: String(error), code: undefined, frames: [], causes: [] }
  const inner = [...error instanceof AggregateError ? error.errors : [], ...error.cause === undefined ? [] : [error.cause]].slice(0, MOST_CAUSES)
  const { code } = error as { code?: unknown }
  return {
    name: error.name,
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    frames: await readFrames(error, cwd),
    causes: depth < MOST_CAUSES ? await Promise.all(inner.map(one => readProblem(one, cwd, depth + 1))) : []
  }
}

async function readFrames ({ stack = '', message }: Error, cwd: string): Promise<Frame[]> {
  // A message is anybody's text, and may look like a place.
  const told = message === '' ? -1 : stack.indexOf(message)
  const lines = stack.slice(told === -1 ? 0 : told + message.length).split('\n').slice(0, MOST_FRAMES)
  let shown = 0
  const frames: Frame[] = []
  for (const text of lines) {
    const found = FRAME.exec(text)
    if (found === null) continue
    const [, name = '', given = '', line = '', column = ''] = found
    const file = pathOf(given)
    const way = file === undefined ? '' : relative(cwd, file).replaceAll('\\', '/')
    const inside = way !== '' && !/^(?:\.\.\/|[a-z]:)/i.test(way)
    const own = inside && !/(?:^|\/)node_modules\//.test(way) && SOURCE.test(way)
    const code = own && shown < MOST_CODE ? await readCode(file as string, Number(line)) : []
    if (code.length > 0) shown++
    frames.push({ place: inside ? way : file ?? given, line: Number(line), column: Number(column), name, own, code })
  }
  return frames
}

function pathOf (given: string): string | undefined {
  if (given.startsWith('node:')) return undefined
  try {
    return given.startsWith('file:') ? fileURLToPath(given) : given
  } catch {
    return undefined
  }
}

async function readCode (file: string, line: number): Promise<Line[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split(/\r?\n/)
  const from = Math.max(0, line - 1 - AROUND)
  // Gone, or no longer what it was.
  if (line > lines.length || lines.join('') === '') return []
  return lines.slice(from, line + AROUND).map((one, i) => ({ number: from + i + 1, text: one.slice(0, 300) }))
}
