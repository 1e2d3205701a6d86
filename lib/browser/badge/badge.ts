// A small status in a corner of the window: one line. It takes the pointer only when a click does something; nothing of the page moves.
import type { Corner } from '../../../types/message.js'
import { createIsland, make } from '../dom.js'
import { STYLE } from './style.js'

export interface Line {
  /** `live` goes away by itself; `none`: there is nothing to say. */
  readonly kind: 'live' | 'building' | 'waiting' | 'failed' | 'note' | 'none'
  readonly text: string
  /** What a click does, for people, and for us. */
  readonly hint?: string | undefined
  readonly act?: (() => void) | undefined
}

export interface Badge {
  show (line: Line): void
}

export function createBadge (position: Corner): Badge {
  const pill = make('button')
  // What people hear: not every step of a build.
  const said = make('output')
  const attach = createIsland('live-reload-badge', STYLE, pill, said)
  let shown = ''

  return {
    show ({ kind, text, hint = '', act }) {
      if (kind !== shown) said.textContent = text
      // What fades keeps its words while it does.
      if (text) pill.textContent = text
      pill.className = `pill ${kind} ${position.replace('-', ' ')}`
      pill.title = hint
      pill.disabled = !act
      pill.onclick = act ?? null
      shown = kind
      // Never between a head and a body that is still to come.
      if (document.readyState === 'loading') addEventListener('DOMContentLoaded', attach)
      else attach()
    }
  }
}
