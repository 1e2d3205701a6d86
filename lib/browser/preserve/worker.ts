// A service worker that answers pages from its cache shows the old one for ever: taken off before the page is asked for again.

/** Registrations that may lie over one address. */
const MOST = 8

export async function bypassWorker (): Promise<void> {
  if (!navigator.serviceWorker?.controller) return
  for (let i = 0; i < MOST; i++) {
    const registration = await navigator.serviceWorker.getRegistration()
    if (!registration) break
    await registration.unregister()
  }
}
