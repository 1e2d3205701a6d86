// The latency chart: one bar per save, one color per step from the disk to the screen.
import type { Save } from '../../../types/status-page.js'
import { make } from '../page/dom.js'
import { buildName, count, duration, median } from './format.js'

const STEPS = [['saved', 'saved'], ['seen', 'seen'], ['built', 'built'], ['sent', 'sent'], ['applied', 'on screen'], ['last', 'in all tabs']] as const
type Step = typeof STEPS[number][0]

interface Part {
  readonly step: Step
  readonly label: string
  readonly ms: number
}

/** Bars longer than this many medians are cut off, so that one slow build does not make the others invisible. */
const MAX_MEDIANS = 3
const MAX_ROWS = 12
const PENDING_LABELS: Partial<Record<Save['state'], string>> = { unchanged: 'nothing changed', held: 'held back', waiting: 'waiting', building: 'building' }

/** A step lasts from the last known step before it. */
function partsOf (save: Save): Part[] {
  // A build by hand has no save before it.
  let from = save.seen === undefined ? save.started : undefined
  return STEPS.flatMap(([step, label]) => {
    const at = save[step]
    if (at === undefined || (step === 'last' && save.tabs < 2)) return []
    const part = from === undefined ? [] : [{ step, label, ms: Math.max(0, at - from) }]
    from = at
    return part
  })
}

/** From the save until the first tab shows it. */
export function latency (save: Save): number | undefined {
  const from = save.saved ?? save.seen
  return from === undefined || save.applied === undefined ? undefined : save.applied - from
}

const sum = (parts: readonly Part[]) => parts.reduce((ms, part) => ms + part.ms, 0)

/** `origin`: start of the server's clock, in milliseconds of ours. */
export function chart (saves: readonly Save[], origin: number): Node[] {
  const rows = saves.slice(0, MAX_ROWS).map(save => ({ save, parts: partsOf(save) }))
  const totals = rows.map(({ parts }) => sum(parts)).filter(ms => ms > 0)
  const scale = Math.min(Math.max(...totals, 1), MAX_MEDIANS * (median(totals) ?? 1))
  return [legend(rows.flatMap(({ parts }) => parts)), make('ul', { class: 'saves' }, ...rows.map(({ save, parts }) => row(save, parts, scale, origin)), ...saves.length > rows.length ? [make('li', { class: 'note' }, `and ${saves.length - rows.length} earlier`)] : [])]
}

/** Explains the colors, each with its median. */
export function legend (parts: readonly Part[]): HTMLElement {
  return make('div', { class: 'legend', role: 'note' }, ...STEPS.slice(1).flatMap(([step, label]) => {
    const middle = median(parts.filter(part => part.step === step).map(({ ms }) => ms))
    return middle === undefined ? [] : [make('span', {}, make('i', { class: `key ${step}` }), `${label} `, make('b', {}, duration(middle)))]
  }))
}

function row (save: Save, parts: readonly Part[], scale: number, origin: number): HTMLElement {
  const ms = sum(parts)
  const bar = make('div', { class: ms > scale ? 'bar cut' : 'bar', 'aria-hidden': 'true', ...ms > scale && { title: `Cut off: ${duration(ms)} are more than ${MAX_MEDIANS} times the usual` } }, ...parts.map(part => {
    const piece = make('i', { class: part.step, title: `${part.label}: ${duration(part.ms)}` })
    // Policies may forbid the attribute `style`, but not this.
    piece.style.width = `${100 * part.ms / Math.max(scale, ms > scale ? ms : 0)}%`
    return piece
  }))
  const seq = save.seq === undefined ? '' : `change ${save.seq} · `
  const began = save.seen ?? save.started ?? save.sent
  return make('li', { class: 'save' },
    make('div', { class: 'what', title: save.paths.join('\n') }, make('bdi', {}, titleOf(save))),
    bar,
    total(save, ms),
    make('div', { class: 'when' }, began === undefined ? '' : seq + new Date(origin + began).toLocaleTimeString()),
    make('div', { class: 'steps' }, [...parts.map(part => `${part.label} +${duration(part.ms)}`), ...save.tabs > 0 ? [count(save.tabs, 'tab')] : save.clients === 0 ? ['no tab connected'] : []].join(' · ')))
}

function titleOf ({ source, name, paths: [first], files }: Save): string {
  if (source === 'reload') return 'Reload by hand'
  if (first === undefined) return buildName(name)
  return files > 1 ? `${first} + ${files - 1}` : first
}

function total (save: Save, ms: number): HTMLElement {
  if (save.state === 'failed') return make('div', { class: 'total failed' }, 'failed')
  const word = PENDING_LABELS[save.state]
  if (word !== undefined) return make('div', { class: 'total quiet' }, word)
  return make('div', { class: 'total' }, duration(ms))
}
