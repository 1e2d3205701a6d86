// The keyboard inside the overlay, which keeps it from the page.

export interface Keys {
  close (): void
  /** One back or forward. */
  step (by: -1 | 1): void
  /** What Tab goes through, in order. */
  stops (): HTMLElement[]
  focused (): Element | null
}

/** The page must not act on what is done in here. */
const OURS = ['keydown', 'keyup', 'keypress', 'pointerdown', 'mousedown', 'click', 'wheel', 'touchstart']

export function listen (element: HTMLElement, { close, step, stops, focused }: Keys): void {
  for (const event of OURS) element.addEventListener(event, event => event.stopPropagation(), { passive: true })

  element.addEventListener('keydown', event => {
    const plain = !event.altKey && !event.ctrlKey && !event.metaKey
    if (event.key === 'Escape') {
      event.preventDefault()
      close()
    } else if (event.key === 'Tab') {
      turn(event)
    } else if (plain && (event.key === 'ArrowLeft' || event.key === 'ArrowRight') && focused()?.tagName !== 'PRE') {
      event.preventDefault()
      step(event.key === 'ArrowLeft' ? -1 : 1)
    }
  })

  // The browser would go on to its own bars, and from there to nowhere.
  function turn (event: KeyboardEvent) {
    const all = stops()
    const at = all.indexOf(focused() as HTMLElement)
    const next = all.at(event.shiftKey ? Math.max(at, 0) - 1 : (at + 1) % all.length)
    event.preventDefault()
    next?.focus()
  }
}
