// When a peer is asked how long the way to it is, beside the heartbeat.

/** A page that loads keeps its browser busy: what it answers by then tells little of the way. */
const AGAIN_MS = 1000

/** Asks at once, as people look at a tab right after they opened it, and once more when its page has loaded. Returns what ends that. */
export function askTwice (ask: () => void): () => void {
  ask()
  const timer = setTimeout(ask, AGAIN_MS).unref()
  return () => { clearTimeout(timer) }
}
