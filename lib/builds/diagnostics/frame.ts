// A code frame: the lines around a place, cut from a source file inside the project.
import { resolve } from 'node:path'
import type { Diagnostic } from '../../../types/build.js'
import { cutRows, readText } from '../../shared/source-text.js'

const LINES_AROUND = 2
const MAX_WIDTH = 160
/** Columns left of the place that are shown of a long line. */
const COLUMNS_BEFORE = 40
const MAX_READ_BYTES = 2 * 1024 * 1024

/** The same diagnostic with an absolute path and, where the file can be read, a frame. Never rejects. */
export async function withFrame (diagnostic: Diagnostic, cwd: string): Promise<Diagnostic> {
  if (diagnostic.file === undefined || diagnostic.file.includes('\0')) return diagnostic
  const file = resolve(cwd, diagnostic.file)
  const frame = diagnostic.frame ?? await readFrame(file, diagnostic, cwd)
  return { ...diagnostic, file, ...(frame !== undefined && { frame }) }
}

async function readFrame (file: string, { line, column }: Diagnostic, cwd: string): Promise<string | undefined> {
  const source = line === undefined ? undefined : await readText(file, { within: cwd, maxBytes: MAX_READ_BYTES })
  return source === undefined ? undefined : cutFrame(source, line as number, column)
}

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
