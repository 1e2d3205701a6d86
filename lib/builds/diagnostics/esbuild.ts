// What esbuild prints: a marked heading, then the place on a line of its own.
import type { Diagnostic } from '../../../types/build.js'

const HEADING = /^\s*(?:✘|▲|X|!)\s*\[(ERROR|WARNING)\] (.+)$/
const PLACE = /^\s{2,}(\S.*):(\d+):(\d+):\s*$/

/** The diagnostic that begins at `index`, and how many lines it takes. */
export function parseEsbuild (lines: readonly string[], index: number): { diagnostic: Diagnostic, lines: number } | undefined {
  const heading = HEADING.exec(lines[index] as string)
  if (heading === null) return undefined
  const severity = heading[1] === 'ERROR' ? 'error' : 'warning'
  for (let next = index + 1; next < Math.min(lines.length, index + 4); next++) {
    const place = PLACE.exec(lines[next] as string)
    // esbuild counts columns from 0.
    if (place !== null) return { diagnostic: { severity, message: heading[2] as string, file: place[1] as string, line: Number(place[2]), column: Number(place[3]) + 1 }, lines: next - index + 1 }
  }
  return { diagnostic: { severity, message: heading[2] as string }, lines: 1 }
}
