// What was thrown while a plugin was loaded -> diagnostics with the place in its source.
import { resolve } from 'node:path'
import type { Message } from 'esbuild'
import type { Diagnostic } from '../../../../types/build.js'
import { cutFrame, readText } from '../../../shared/sources/source-text.js'
import { parseStack } from '../../../shared/sources/stack-frames.js'
import { clip } from '../../../shared/text.js'

const MAX_MESSAGE_CHARACTERS = 8_192
const MAX_CAUSES = 5
const MAX_READ_BYTES = 2 * 1024 * 1024

/** `isSource`: whether a file is one that plugins are made from. */
export async function diagnose (error: unknown, cwd: string, isSource: (file: string) => boolean): Promise<readonly [Diagnostic, ...Diagnostic[]]> {
  const [first = fromError(error, isSource), ...rest] = messagesOf(error).map(message => fromMessage(message, cwd))
  return [await withFrame(first), ...await Promise.all(rest.map(withFrame))]
}

/** Of an error of esbuild; empty for any other. */
export function messagesOf (error: unknown): readonly Message[] {
  const messages: unknown = error instanceof Error ? Reflect.get(error, 'errors') : undefined
  return Array.isArray(messages) && messages.every(one => typeof (one as Message).text === 'string') ? messages as Message[] : []
}

function fromMessage ({ text, location, notes }: Message, cwd: string): Diagnostic {
  const message = [text, ...notes.map(note => note.text)].join('\n')
  if (location === null) return { severity: 'error', message }
  const { line, lineText } = location
  // esbuild counts columns in bytes from 0.
  const column = Buffer.from(lineText).subarray(0, location.column).toString().length + 1
  const file = resolve(cwd, location.file)
  return { severity: 'error', message, file, line, column }
}

function fromError (error: unknown, isSource: (file: string) => boolean): Diagnostic {
  if (!(error instanceof Error)) return { severity: 'error', message: `it threw ${clip(String(error), 200)}` }
  const { name, message, stack = '' } = error
  const head = `${name === 'Error' || name === 'FastifyError' ? '' : `${name}: `}${message}`
  const place = parseStack(stack).find(({ file }) => file !== undefined && isSource(file))
  const text = clip([head, ...causesOf(error)].join('\n'), MAX_MESSAGE_CHARACTERS)
  if (place?.file === undefined) return { severity: 'error', message: text, stack }
  return { severity: 'error', message: text, stack, file: place.file, line: place.line, column: place.column }
}

function causesOf (error: Error): string[] {
  const causes: string[] = []
  for (let { cause } = error; cause !== undefined && causes.length < MAX_CAUSES; cause = cause instanceof Error ? cause.cause : undefined) {
    causes.push(`cause: ${cause instanceof Error ? cause.message : clip(String(cause), 200)}`)
  }
  return causes
}

async function withFrame (diagnostic: Diagnostic): Promise<Diagnostic> {
  const { file, line, column } = diagnostic
  const source = file === undefined || line === undefined ? undefined : await readText(file, { maxBytes: MAX_READ_BYTES })
  const frame = source === undefined ? undefined : cutFrame(source, line as number, column)
  return { ...diagnostic, ...frame !== undefined && { frame } }
}
