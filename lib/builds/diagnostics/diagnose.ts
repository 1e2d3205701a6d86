// What a builder printed, as diagnostics: places, messages and code frames a person can act on.
import type { Diagnostic } from '../../../types/build.js'
import { clip } from './describe.js'
import { stripAnsi } from './ansi.js'
import { parseEsbuild } from './esbuild.js'
import { withFrame } from './frame.js'
import { parseLine } from './lines.js'
import { parseNode } from './node.js'

export const MAX_DIAGNOSTICS = 50
const MAX_LINE = 2_000
const MAX_MESSAGE = 8_192

/** Reads printed text; unknown lines are passed over. */
export function parseOutput (text: string): Diagnostic[] {
  const lines = stripAnsi(text).split('\n').map(line => line.length > MAX_LINE ? '' : line)
  const found = new Map<string, Diagnostic>()
  for (let index = 0; index < lines.length && found.size < MAX_DIAGNOSTICS;) {
    const block = parseEsbuild(lines, index) ?? parseNode(lines, index)
    const diagnostic = block?.diagnostic ?? parseLine(lines[index] as string)
    // Tools repeat themselves: once for each configuration, and again in a summary.
    if (diagnostic !== undefined) found.set(keyOf(diagnostic), found.get(keyOf(diagnostic)) ?? diagnostic)
    index += block?.lines ?? 1
  }
  return [...found.values()]
}

/** The same diagnostics, few enough and short enough to be sent to every tab, with code frames. */
export async function finish (diagnostics: readonly Diagnostic[], cwd: string): Promise<Diagnostic[]> {
  const kept = diagnostics.slice(0, MAX_DIAGNOSTICS).map(one => ({ ...one, message: clip(one.message, MAX_MESSAGE) }))
  const framed = await Promise.all(kept.map(one => withFrame(one, cwd)))
  const more = diagnostics.length - kept.length
  if (more === 0) return framed
  return [...framed, { severity: diagnostics.some(one => one.severity === 'error') ? 'error' : 'warning', message: `and ${more} more` }]
}

function keyOf ({ file, line, column, message }: Diagnostic): string {
  return `${file}:${line}:${column}:${message}`
}
