// A code frame, line by line, with the line of the error marked.
import type { Diagnostic } from '../../../types/build.js'
import type { OverlayTree } from '../../../types/overlay.js'

const ROW = /^\s*(>?)\s*(\d+)\s*[|│:](.*)$/
const GUTTER = /^\s*>?\s*\d+\s*(?=[|│:])/
const POINTER = /^\s*[|│╵]\s*[~^]+\s*$/
const MOST_ROWS = 60
const WIDEST = 1000

/** Nothing when there is none. */
export function writeFrame ({ frame, line }: Diagnostic): OverlayTree[] {
  if (!frame?.trim()) return []
  const texts = frame.split('\n', MOST_ROWS)
  // So that what points at a column still does.
  const gutter = Math.max(...texts.map(text => GUTTER.exec(text)?.[0].length ?? 0))
  const rows = texts.map((text): OverlayTree => {
    const short = text.length > WIDEST ? `${text.slice(0, WIDEST)}…` : text
    const [, mark, number, code] = ROW.exec(short) ?? []
    if (number === undefined || code === undefined) return ['span', { class: POINTER.test(short) ? 'row pointer' : 'row' }, `${short.replace(/[|│╵]/, ' ')}\n`]
    const hit = mark === '>' || Number(number) === line
    return ['span', { class: hit ? 'row hit' : 'row' }, ['span', { class: 'number' }, number.padStart(gutter)], `${code}\n`]
  })
  // Long lines are read by keyboard as well.
  return [['pre', { class: 'frame', tabindex: '0', role: 'group', 'aria-label': 'Source' }, ['code', {}, ...rows]]]
}
