// What esbuild prints: a marked heading, then the place on a line of its own.
import type { Diagnostic } from '../../../types/build.js'

const HEADING = /^\s*(?:✘|▲|X|!)\s*\[(ERROR|WARNING)\] (.+)$/
const PLACE = /^\s{2,}(\S.*):(\d+):(\d+):\s*$/

/** The diagnostic that begins at `index`, and how many lines it takes. */
export function parseEsbuild (lines: readonly string[], index: number): { diagnostic: Diagnostic, lines: number } | undefined {
  const heading = HEADING.exec(lines[index] as string)
  if (heading === null) return undefined
  const diagnostic = { severity: heading[1] === 'ERROR' ? 'error' : 'warning', message: heading[2] as string } as const
  const near = lines.slice(index + 1, index + 4)
  const at = near.findIndex(line => PLACE.test(line))
  const [, file, line, column] = PLACE.exec(near[at] ?? '') ?? []
  if (file === undefined) return { diagnostic, lines: 1 }
  // esbuild counts columns from 0.
  return { diagnostic: { ...diagnostic, file, line: Number(line), column: Number(column) + 1 }, lines: at + 2 }
}
