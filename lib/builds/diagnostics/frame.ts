// A code frame: the lines around a place, cut from the source file when it lies inside the project.
import { open, realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Diagnostic } from '../../../types/build.js'

const AROUND = 2
const MAX_WIDTH = 160
const MAX_BYTES = 2 * 1024 * 1024

/** The same diagnostic with an absolute path and, where it can be read, a frame. Never rejects. */
export async function withFrame (diagnostic: Diagnostic, cwd: string): Promise<Diagnostic> {
  if (diagnostic.file === undefined || diagnostic.file.includes('\0')) return diagnostic
  const file = resolve(cwd, diagnostic.file)
  if (diagnostic.frame !== undefined || diagnostic.line === undefined) return { ...diagnostic, file }
  try {
    const [root, target] = await Promise.all([realpath(cwd), realpath(file)])
    if (!contains(root, target)) return { ...diagnostic, file }
    const frame = cutFrame(await readStart(target), diagnostic.line, diagnostic.column)
    return frame === undefined ? { ...diagnostic, file } : { ...diagnostic, file, frame }
  } catch {
    return { ...diagnostic, file }
  }
}

export function cutFrame (source: string, line: number, column?: number): string | undefined {
  const lines = source.split(/\r?\n/)
  if (!Number.isInteger(line) || line < 1 || line > lines.length) return undefined
  const first = Math.max(1, line - AROUND)
  const last = Math.min(lines.length, line + AROUND)
  const width = String(last).length
  // A long line is shown around the column: minified files are one line.
  const skip = column !== undefined && column > MAX_WIDTH - 20 ? column - 40 : 0
  const rows: string[] = []
  for (let number = first; number <= last; number++) {
    const text = (lines[number - 1] as string).replaceAll('\t', ' ').slice(skip, skip + MAX_WIDTH)
    rows.push(`${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`)
    if (number === line && column !== undefined && column >= 1) rows.push(`  ${' '.repeat(width)} | ${' '.repeat(column - 1 - skip)}^`)
  }
  return rows.join('\n')
}

export function contains (root: string, path: string): boolean {
  const from = relative(root, path)
  return from !== '..' && !from.startsWith(`..${sep}`) && !isAbsolute(from)
}

async function readStart (path: string): Promise<string> {
  const handle = await open(path, 'r')
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new Error('not a file')
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(stat.size, MAX_BYTES)))
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
