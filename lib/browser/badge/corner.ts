// Which corner the badge sits in: dragged or moved by arrow keys, remembered for the next page.
import type { Corner } from '../../../types/message.js'

const KEY = 'live-reload-badge'
/** Pixels: less is a click with an unsteady hand. */
const STEADY = 5
const KEYS: Record<string, string> = { ArrowUp: 'top', ArrowDown: 'bottom', ArrowLeft: 'left', ArrowRight: 'right' }

function recall (fallback: Corner): Corner {
  try {
    const kept = localStorage.getItem(KEY)
    return kept && /^(top|bottom)-(left|right)$/.test(kept) ? kept as Corner : fallback
  } catch {
    return fallback
  }
}

/** `place` puts the element into a corner; while it is dragged it is off that place. */
export function makeMovable (element: HTMLElement, fallback: Corner, place: (corner: Corner) => void): void {
  let corner = recall(fallback)
  let from: PointerEvent | undefined
  let moved = false

  function move (next: Corner) {
    corner = next
    place(corner)
    try {
      localStorage.setItem(KEY, corner)
    } catch {}
  }
  function end (event: PointerEvent) {
    if (moved && event.type === 'pointerup') move(`${event.clientY * 2 < innerHeight ? 'top' : 'bottom'}-${event.clientX * 2 < innerWidth ? 'left' : 'right'}`)
    from = undefined
    element.style.translate = ''
  }

  element.addEventListener('keydown', event => {
    const side = KEYS[event.key]
    if (!side) return
    event.preventDefault()
    move(corner.replace(/p$|m$/.test(side) ? /^\w+/ : /\w+$/, side) as Corner)
  })
  element.addEventListener('pointerdown', event => {
    if (event.button !== 0) return
    from = event
    moved = false
    element.setPointerCapture(event.pointerId)
  })
  element.addEventListener('pointermove', event => {
    if (!from) return
    const x = event.clientX - from.clientX
    const y = event.clientY - from.clientY
    moved ||= Math.hypot(x, y) > STEADY
    // By the object model, which no policy forbids, never by an attribute in HTML.
    if (moved) element.style.translate = `${x}px ${y}px`
  })
  element.addEventListener('pointerup', end)
  element.addEventListener('pointercancel', end)
  // The click that ends a drag is none.
  element.addEventListener('click', event => { if (moved && event.detail) event.stopImmediatePropagation() })
  place(corner)
}
