// Reads a file that somebody else names: a stack, a diagnostic, a source map. What it names may be anything, and lie anywhere. Cuts the lines around a place.
import { constants } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import { isWithin } from '../paths.js'

export interface ReadLimits {
  /** Directory that the file has to lie in, after all links are followed. @default anywhere */
  readonly within?: string
  readonly maxBytes: number
  /** What becomes of a longer file. @default 'cut' */
  readonly longer?: 'cut' | 'refuse'
}

// Opening a FIFO waits for a writer, unless it is told not to. Both are absent on Windows.
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants as Partial<typeof constants> & { readonly O_RDONLY: number }

/** `undefined` for whatever is no regular file within the limits. Never rejects. */
export async function readText (file: string, limits: ReadLimits): Promise<string | undefined> {
  return await read(file, limits).catch(() => undefined)
}

async function read (file: string, { within, maxBytes, longer = 'cut' }: ReadLimits): Promise<string | undefined> {
  const real = await realpath(file)
  if (within !== undefined && !isWithin(await realpath(within), real)) return undefined
  // Opening a device may set it in motion.
  if (!(await stat(real)).isFile()) return undefined
  const handle = await open(real, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
  try {
    // What was looked at may have been replaced.
    const now = await handle.stat()
    if (!now.isFile() || (longer === 'refuse' && now.size > maxBytes)) return undefined
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(now.size, maxBytes)), 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

const LINES_AROUND = 2
const MAX_WIDTH = 160
/** Columns left of the place that are shown of a long line. */
const COLUMNS_BEFORE = 40

export interface CodeRow {
  /** 1-based. */
  readonly number: number
  readonly text: string
}

/** Empty when `line` (1-based) is not a line of the source. */
export function cutRows (source: string, line: number, around: number): CodeRow[] {
  const lines = source.split(/\r?\n/)
  if (!Number.isInteger(line) || line < 1 || line > lines.length) return []
  const first = Math.max(1, line - around)
  return lines.slice(first - 1, line + around).map((text, i) => ({ number: first + i, text }))
}

/** The lines as text, with a mark at the place (1-based). `undefined` when `line` is not a line of the source. */
export function cutFrame (source: string, line: number, column?: number): string | undefined {
  const rows = cutRows(source, line, LINES_AROUND)
  const width = String(rows.at(-1)?.number).length
  // A minified file is one line.
  const skip = column !== undefined && column > MAX_WIDTH - 20 ? column - COLUMNS_BEFORE : 0
  const texts = rows.flatMap(({ number, text }) => {
    const isHit = number === line
    const row = `${isHit ? '>' : ' '} ${String(number).padStart(width)} | ${text.replaceAll('\t', ' ').slice(skip, skip + MAX_WIDTH)}`
    return isHit && column !== undefined && column >= 1 ? [row, `  ${' '.repeat(width)} | ${' '.repeat(column - 1 - skip)}^`] : [row]
  })
  return texts.length === 0 ? undefined : texts.join('\n')
}
