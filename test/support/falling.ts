// How long a page takes to leave a transport that does not open, on a machine that is late itself.
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { until } from './wait.js'

export interface Fall {
  /** Milliseconds from the first try until the page is connected by the other transport. */
  readonly took: number
  /** What a timer of the same page, set at the same moment and as long as the transport's time, was late by. */
  readonly late: number
}

/** What a transport's time is, and what is promised to be all it costs. */
const PATIENCE = 3000
const PROMISED = 3500

/** For the page, where it tries the transport: begins to measure. */
export const MEASURE = `if (window.began === undefined) {
  window.began = performance.now()
  setTimeout(() => { window.late = performance.now() - began - ${PATIENCE} }, ${PATIENCE})
  __liveReload.on('state', state => { if (state === 'open') window.took ??= performance.now() - began })
}`

export function measured (tab: Page): Promise<Fall> {
  return until(() => tab.evaluate<Fall | undefined>(`window.took < ${PATIENCE} || (window.took && window.late !== undefined) ? { took, late: window.late ?? 0 } : undefined`), 'open by the other transport')
}

/** Tries again, in a page that knows nothing of the last time: a busy machine may be slow now and then, not each time. */
export async function fallsInTime<T extends { readonly fall: Fall }> (t: Test, attempt: () => Promise<T>, tries = 3): Promise<T> {
  const tried = await attempt()
  const { took, late } = tried.fall
  t.comment(`open ${Math.round(took)} ms after the first try, on a machine that is ${Math.round(late)} ms late`)
  if (took >= PROMISED + late && tries > 1) return await fallsInTime(t, attempt, tries - 1)
  t.ok(took > PATIENCE - 100, 'the transport had its time')
  t.ok(took < PROMISED + late, `within ${PROMISED} ms`)
  return tried
}
