// A small status in a corner of the window. Only the pill itself takes the pointer; nothing of the page moves.
import type { Corner } from '../../../types/message.js'
import { createIsland, make } from '../dom.js'
import { makeMovable } from './corner.js'
import { STYLE } from './style.js'

export interface BadgeState {
  /** `live` and `none` go away by themselves or at once; the others stay. */
  readonly kind: 'live' | 'building' | 'waiting' | 'failed' | 'paused' | 'note' | 'none'
  readonly text: string
  /** What a click does, for people. */
  readonly hint?: string | undefined
}

export interface Badge {
  show (state: BadgeState): void
}

/** Milliseconds: what is over sooner is not worth a flicker; how long good news stays. */
const PATIENCE = 300
const STAY = 1800

export function createBadge (position: Corner, click: () => void): Badge {
  const text = make('span', { class: 'text' })
  const said = make('span', { class: 'said', role: 'status' })
  const pill = make('button', { class: 'gone' }, make('span', { class: 'dot' }), text)
  const island = createIsland('live-reload-badge', STYLE, pill, said)
  let corner = ''
  let shown: BadgeState = { kind: 'none', text: '' }
  let next = shown
  let timer: ReturnType<typeof setTimeout> | undefined

  function dress () {
    const { kind, text: words, hint } = shown
    const gone = kind === 'none'
    pill.className = `pill ${kind} ${corner} ${hint ? 'can' : ''} ${gone ? 'gone' : ''}`
    // What fades keeps its words while it does.
    if (!gone) text.textContent = words
    pill.title = `${hint ?? 'Live reload'}. Drag or use the arrow keys to move.`
  }
  function apply () {
    timer = undefined
    if (next.kind !== shown.kind && next.kind !== 'none') said.textContent = next.text
    shown = next
    island.attach()
    dress()
    if (shown.kind === 'live') timer = setTimeout(() => { next = { kind: 'none', text: '' }; apply() }, STAY)
  }

  makeMovable(pill, position, place => {
    corner = place.replace('-', ' ')
    dress()
  })
  pill.addEventListener('click', click)

  return {
    show (state) {
      // Good news goes by itself.
      if (state.kind === 'none' && shown.kind === 'live') return
      const waits = (state.kind === 'building' || state.kind === 'waiting') && state.kind !== shown.kind
      const waiting = timer !== undefined && state.kind === next.kind
      next = state
      if (waits && waiting) return
      clearTimeout(timer)
      if (waits) timer = setTimeout(apply, PATIENCE)
      else apply()
    }
  }
}
