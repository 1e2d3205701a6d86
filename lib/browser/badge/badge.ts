// The badge: one line in a corner of the window. It never moves the page and takes clicks only when a click does something.
import type { Corner } from '../../../types/message.js'
import { whenParsed } from '../page/document.js'
import { createIsland, make } from '../page/dom.js'
import { STYLE } from './style.js'

export interface BadgeLine {
  /** `live` fades out by itself; `none` shows nothing. */
  readonly kind: 'live' | 'building' | 'waiting' | 'failed' | 'note' | 'none'
  readonly text: string
  /** Explains the click to people. */
  readonly hint?: string
  readonly onClick?: () => void
}

export interface Badge {
  show (line: BadgeLine): void
}

export function createBadge (position: Corner): Badge {
  const pill = make('button')
  // Screen readers announce each new kind of line, not every step of a build.
  const announcer = make('output')
  const attach = createIsland('live-reload-badge', STYLE, pill, announcer)
  // Policies forbid the attribute `style`, but not this.
  for (const side of position.split('-')) pill.style.setProperty(side, '0')
  let shown = ''

  return {
    show ({ kind, text, hint = '', onClick }) {
      if (kind !== shown) announcer.textContent = text
      // The old text stays while the badge fades out.
      if (text) pill.textContent = text
      pill.className = kind
      pill.title = hint
      pill.disabled = !onClick
      pill.onclick = onClick ?? null
      shown = kind
      // While the page loads, the element could end up between its head and a body that is still to come.
      whenParsed(attach)
    }
  }
}
