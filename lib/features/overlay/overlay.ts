// Failed builds -> the overlay as data, which the page turns into elements.
import { createHash } from 'node:crypto'
import type { ClientSettings } from '../../../types/message.js'
import type { OverlayView } from '../../../types/overlay.js'
import type { Failures } from './failures.js'
import { STYLE } from './style.js'
import { problemsOf, textOf } from './text.js'
import { writeView } from './view.js'

/** `null` when nothing is broken. */
export function writeOverlay (failures: Failures, epoch: string, { badge, editor }: Pick<ClientSettings, 'badge' | 'editor'>): OverlayView | null {
  const problems = problemsOf(failures.list())
  if (problems.length === 0) return null
  const text = textOf(problems)
  const streak = `${epoch}.${failures.streak}.`
  const id = streak + createHash('sha256').update(text).digest('base64url').slice(0, 16)
  return { id, css: STYLE, view: writeView({ problems, text, id, streak: badge ? streak : undefined, editor }) }
}
