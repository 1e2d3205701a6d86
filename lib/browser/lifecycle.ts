// When the page sleeps and wakes: left and returned to, frozen, hidden, cut off, the whole machine suspended.

/** Milliseconds between two looks at the clock, and a gap that only sleep explains: the socket may be dead without knowing. */
const LOOK = 10_000
const GAP = 30_000

export interface Life {
  sleep (): void
  /** Awake again. `doubtful`: what was connected may not be any more. */
  wake (doubtful: boolean): void
}

export function watchLife ({ sleep, wake }: Life): void {
  let last = Date.now()

  // Timers of a hidden page run late by design: only a visible one tells.
  function look (): boolean {
    if (document.hidden) return false
    const gap = Date.now() - last
    last = Date.now()
    return gap > GAP
  }
  setInterval(() => { if (look()) wake(true) }, LOOK)
  const life: Record<string, (event: Event) => void> = {
    pagehide: sleep,
    freeze: sleep,
    pageshow: event => { if ((event as PageTransitionEvent).persisted) wake(false) },
    resume: () => wake(false),
    online: () => wake(true),
    visibilitychange: () => { if (!document.hidden) wake(look()) }
  }
  // On their way down all of them pass the window.
  for (const [event, act] of Object.entries(life)) addEventListener(event, act, true)
}
