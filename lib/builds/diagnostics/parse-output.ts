// What a program printed, as diagnostics with places and messages.
import type { Diagnostic } from '../../../types/build.js'
import { stripTerminal } from '../../shared/text.js'
import { parseEsbuild } from './esbuild.js'
import { parseLine } from './lines.js'
import { parseNode } from './node.js'

export const MAX_DIAGNOSTICS = 50
const MAX_LINE_CHARACTERS = 2_000

/** Skips lines it does not know. */
export function parseOutput (text: string): Diagnostic[] {
  const lines = stripTerminal(text).split('\n').map(line => line.length > MAX_LINE_CHARACTERS ? '' : line)
  const found = new Map<string, Diagnostic>()
  for (let index = 0; index < lines.length && found.size < MAX_DIAGNOSTICS;) {
    const block = parseEsbuild(lines, index) ?? parseNode(lines, index)
    const diagnostic = block?.diagnostic ?? parseLine(lines[index] as string)
    // Tools repeat themselves: once per configuration, and again in a summary.
    const key = diagnostic && `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}:${diagnostic.message}`
    if (diagnostic !== undefined && !found.has(key as string)) found.set(key as string, diagnostic)
    index += block?.lines ?? 1
  }
  return [...found.values()]
}
