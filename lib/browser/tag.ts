// Our own script tag: whose page this is, what it was made from, and how it may connect.
import type { Transport } from '../../types/transport.js'

export interface Page {
  /** Where the script came from; every address of ours is relative to it. */
  readonly base: string
  readonly token: string
  /** The page answers a form: to reload it would send the form again, and some browsers do so without asking. */
  readonly posted: boolean
  /** The only transport allowed, if one is. */
  readonly transport: Transport | undefined
  /** Milliseconds a transport may take to open. */
  readonly timeout: number
  /** Levels of the console that go to the server's log, with a space between. */
  readonly console: string | undefined
  /** The server process and the newest change the page shows. */
  epoch: string
  seq: number
}

const SELECTOR = 'script[data-live-reload]'

// Elements named `querySelector` hide the document's own property.
const find = (document: Document) => Document.prototype.querySelector.call(document, SELECTOR) as HTMLScriptElement | null

/** What the tag says, if there is one. */
export function readTag (): Page | undefined {
  // It may be gone from the page before it runs.
  const tag = (find(document) ?? document.currentScript) as HTMLScriptElement | null
  if (!tag?.dataset.liveReload) return undefined
  const { liveReload, token = '', method, transport, timeout = 3000, console } = tag.dataset
  const [epoch = '', seq] = liveReload.split(':')
  return {
    // A `<base>` that came meanwhile is no concern of ours: the address is a whole path. What has no address of its own has an origin, but for a sandbox.
    base: new URL(tag.getAttribute('src') as string, origin === 'null' ? location.href : origin).href,
    token,
    posted: !!method,
    transport: transport as Transport | undefined,
    timeout: Number(timeout),
    console,
    epoch,
    seq: Number(seq)
  }
}

/** A frame inside a page that has the tag too: that page reloads, and takes us with it. So does the one around a sandbox, which we may not look at. */
export function isInsideLivePage (): boolean {
  if (window !== top && origin === 'null') return true
  let frame: Window = window
  while (frame !== top) {
    frame = frame.parent
    try {
      if (find(frame.document)) return true
    } catch {
      // Another origin: not ours to look at.
    }
  }
  return false
}
