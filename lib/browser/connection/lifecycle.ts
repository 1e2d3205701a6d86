// Reports when the page goes to sleep (left, frozen) and when it may be awake again (shown, thawed, back online, in use).

export interface Lifecycle {
  onSleep (): void
  /** `suspicious`: an open connection may be dead without knowing. */
  onWake (suspicious: boolean): void
}

export function watchLifecycle ({ onSleep, onWake }: Lifecycle): void {
  // Capturing listeners of the window see the events of the document, too.
  for (const event of ['pagehide', 'freeze']) addEventListener(event, onSleep, true)
  for (const event of ['pageshow', 'resume', 'visibilitychange', 'focus', 'online']) addEventListener(event, ({ type }) => onWake(type === 'online'), true)
}
