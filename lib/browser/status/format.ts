// Formats numbers and names for people, and what stands where there is nothing.
import type { Transport } from '../../../types/transport.js'
import { make } from '../page/dom.js'

/** `0.4 ms`, `38 ms`, `1.25 s`. */
export function duration (ms: number): string {
  const [value, unit] = split(ms)
  return `${value} ${unit}`
}

export function split (ms: number): [value: string, unit: string] {
  if (ms < 10) return [String(Number(Math.max(0, ms).toFixed(1))), 'ms']
  if (ms < 1000) return [String(Math.round(ms)), 'ms']
  return [(ms / 1000).toFixed(ms < 10_000 ? 2 : 1), 's']
}

/** `12 s`, `4 min`, `3 h`, `2 d`. */
export function age (ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

export const count = (many: number, one: string, more = `${one}s`): string => `${many.toLocaleString('en')} ${many === 1 ? one : more}`

/** `1,234`, `1.2M`: what has its place in a narrow column. */
export const short = (many: number): string => many.toLocaleString('en', many < 100_000 ? {} : { notation: 'compact' })

export const NAMES: Readonly<Record<Transport, string>> = { ws: 'WebSocket', sse: 'SSE' }

export function median (values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** A pipeline is named `build` when nothing says what it runs. */
export const buildName = (name = 'build'): string => name === 'build' ? 'Build' : `Build ${name}`

export const empty = (text: string): HTMLElement => make('p', { class: 'empty' }, text)
