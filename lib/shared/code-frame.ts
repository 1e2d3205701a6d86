// The lines of a source around a place, cut once for every display.

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
