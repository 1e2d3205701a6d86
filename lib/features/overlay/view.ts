// What is in the overlay's dialog: all problems, one below the other.
import type { OverlayTree } from '../../../types/overlay.js'
import { writeFrame } from './frame.js'
import { messageOf, placeOf, type Problem } from './text.js'

export interface ViewParts {
  readonly problems: readonly Problem[]
  /** For the clipboard. */
  readonly text: string
  /** How what is closed by hand is known. */
  readonly id: string
  /** How what is minimised is known; `undefined`: there is no badge to minimise to. */
  readonly streak: string | undefined
  /** Places can be opened. */
  readonly editor: boolean
}

const MOST = 100

export function writeView ({ problems, text, id, streak, editor }: ViewParts): OverlayTree {
  const failed = problems[0]?.severity === 'error'
  return ['div', { class: `panel ${failed ? 'error' : 'warning'}` },
    ['header', {},
      ['h1', { id: 'heading', tabindex: '-1' }, failed ? 'Build failed' : 'Build failed with warnings'],
      ['span', { class: 'count' }, countOf(problems.length)],
      ...streak === undefined ? [] : [writeTool('−', 'Minimise until the build is good again', streak)],
      writeTool('×', 'Close (Esc)', id)],
    ['ol', {}, ...problems.slice(0, MOST).map((problem, i) => writeProblem(problem, i === 0, editor))],
    ['footer', {},
      ['button', { class: 'plain', 'data-copied': 'Copied', 'data-failed': 'The browser does not allow copying here' }, 'Copy as text'],
      ['span', { class: 'status', role: 'status' }],
      ['span', { class: 'hint', 'aria-hidden': 'true' }, 'Esc closes'],
      ['textarea', { readonly: '', tabindex: '-1', 'aria-hidden': 'true' }, text]]]
}

function countOf (all: number): string {
  if (all < 2) return ''
  return all > MOST ? `${MOST} of ${all} problems` : `${all} problems`
}

function writeTool (sign: string, name: string, away: string): OverlayTree {
  return ['button', { class: 'tool', title: name, 'aria-label': name, 'data-away': away }, sign]
}

function writeProblem (problem: Problem, first: boolean, editor: boolean): OverlayTree {
  return ['li', { class: problem.severity },
    ['div', { class: 'where' },
      ['span', { class: 'tag' }, problem.severity],
      ...writePlace(problem, editor),
      ['span', { class: 'origin' }, problem.builder]],
    ['p', { class: 'message', ...first && { id: 'message' } }, messageOf(problem)],
    ...writeFrame(problem)]
}

function writePlace (problem: Problem, editor: boolean): OverlayTree[] {
  const place = placeOf(problem)
  if (place === undefined) return []
  if (!editor) return [['span', { class: 'place' }, place]]
  const { file, line, column } = problem
  return [['button', { class: 'place link', title: 'Open in your editor', 'data-open': JSON.stringify({ file, line, column }), 'data-failed': 'The server does not answer' }, place]]
}
