// When a peer is pinged beside the heartbeat, and how a connection with many streams is.
import type { Http2Session } from 'node:http2'

/** A page that loads keeps its browser busy: what it answers by then tells little of the way. */
const AGAIN_MS = 1000

/** Asks at once, as people look at a tab right after they opened it, and once more when its page has loaded. Returns what ends that. */
export function askTwice (ask: () => void): () => void {
  ask()
  const timer = setTimeout(ask, AGAIN_MS).unref()
  return () => { clearTimeout(timer) }
}

/** `isOpen`: not answered yet. `ms`: how long the answer took. */
export interface SessionPing { readonly isOpen: boolean, readonly ms: number | undefined }

const underWay = new WeakMap<Http2Session, SessionPing>()

/** The ping of a session that is under way, or a new one: all its streams wait for the same, as Node.js refuses to have more than ten. */
export function pingSession (session: Http2Session): SessionPing {
  const known = underWay.get(session)
  if (known !== undefined) return known
  const ping: { isOpen: boolean, ms: number | undefined } = { isOpen: true, ms: undefined }
  underWay.set(session, ping)
  session.ping((error, ms) => {
    underWay.delete(session)
    // Refused, as the app has ten of its own under way, proves nothing.
    ping.isOpen = false
    if (!error) ping.ms = ms
  })
  return ping
}
