// When the page sleeps and wakes: left and returned to, frozen, hidden, cut off. That the machine slept the connection finds out by itself.

export interface Life {
  sleep (): void
  /** Maybe awake again. `doubtful`: what was connected may not be any more. */
  wake (doubtful: boolean): void
}

export function watchLife ({ sleep, wake }: Life): void {
  // On their way down all of them pass the window.
  for (const event of ['pagehide', 'freeze']) addEventListener(event, sleep, true)
  for (const event of ['pageshow', 'resume', 'visibilitychange', 'online']) addEventListener(event, ({ type }) => wake(type === 'online'), true)
}
