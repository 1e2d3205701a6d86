// A code frame: the lines around a place, cut from a source file inside the project.
import { resolve } from 'node:path'
import type { Diagnostic } from '../../../types/build.js'
import { cutFrame, readText } from '../../shared/sources/source-text.js'

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
