// Numbers and how they are shown. One clock for all processes of a run.

/** Milliseconds on the monotonic clock of the machine: the same in every process. */
export const now = () => Number(process.hrtime.bigint()) / 1e6

/** @param {number} ms */
export const pause = ms => new Promise(resolve => { setTimeout(resolve, ms) })

/**
 * @param {readonly number[]} values
 * @param {number} part between 0 and 1
 */
export function quantile (values, part) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}

/** @param {readonly number[]} values */
export const median = values => values.length % 2 === 0
  ? (quantile(values, 0.5 - 1e-9) + quantile(values, 0.5)) / 2
  : quantile(values, 0.5)

/** @param {readonly number[]} values */
export const p95 = values => quantile(values, 0.95)

/**
 * Three digits that mean something.
 * @param {number} value
 */
export function show (value) {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  return size >= 100 || value === 0 ? Math.round(value).toLocaleString('en') : value.toFixed(size >= 10 ? 1 : 2)
}

/**
 * Of the same measure of two contestants: how many times as much.
 * @param {number} value
 * @param {number} baseline
 */
export const ratio = (value, baseline) => `${show(value / baseline)} x`

/**
 * A table for people and for Markdown.
 * @param {readonly string[]} head
 * @param {readonly (readonly (string | number)[])[]} rows
 */
export function table (head, rows) {
  const cells = [head, ...rows].map(row => row.map(cell => typeof cell === 'number' ? show(cell) : cell))
  const widths = head.map((_, i) => Math.max(3, ...cells.map(row => (row[i] ?? '').length)))
  const line = row => `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`
  return [line(cells[0]), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...cells.slice(1).map(line)].join('\n')
}

/**
 * Runs every contestant once per round, each round in an order of chance: what disturbs the machine meets all of them, and none always follows the same other one.
 * @template T
 * @param {number} rounds
 * @param {readonly T[]} contestants
 * @param {(contestant: T, round: number) => Promise<unknown>} run
 */
export async function interleave (rounds, contestants, run) {
  for (let round = 0; round < rounds; round++) {
    const drawn = contestants.map(contestant => ({ contestant, by: Math.random() })).sort((a, b) => a.by - b.by)
    for (const { contestant } of drawn) await run(contestant, round)
  }
}
