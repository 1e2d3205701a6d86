// A code frame, line by line, with the line of the error marked.
import type { Diagnostic } from '../../../types/build.js'
import type { Make } from '../dom.js'

const ROW = /^\s*(>?)\s*(\d+)\s*[|│:](.*)$/
const POINTER = /^\s*[|│╵]\s*[~^]+\s*$/
const MOST_ROWS = 60
const WIDEST = 1000

/** `undefined` when there is none. */
export function makeFrame ({ frame, line }: Diagnostic, make: Make): HTMLElement | undefined {
  if (!frame?.trim()) return undefined
  const rows = frame.split('\n', MOST_ROWS).map(text => {
    const short = text.length > WIDEST ? `${text.slice(0, WIDEST)}…` : text
    const [, mark, number, code] = ROW.exec(short) ?? []
    if (number === undefined || code === undefined) return make('span', { class: POINTER.test(short) ? 'row pointer' : 'row' }, short.replace(/[|│╵]/, ' '), '\n')
    const hit = mark === '>' || Number(number) === line
    return make('span', { class: hit ? 'row hit' : 'row' }, make('span', { class: 'number' }, number.padStart(gutter(frame))), code, '\n')
  })
  // Long lines are read by keyboard as well.
  return make('pre', { class: 'frame', tabindex: '0', role: 'group', 'aria-label': 'Source' }, make('code', {}, ...rows))
}

/** Columns that numbers take, so that what points at a column still does. */
function gutter (frame: string): number {
  return Math.max(...frame.split('\n', MOST_ROWS).map(text => (/^(\s*>?\s*\d+\s*)[|│:]/.exec(text)?.[1] ?? '').length))
}
