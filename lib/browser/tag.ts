// Our own script tag: whose page this is, what it was made from, and how it may connect.
import type { TransportName } from '../../types/client.js'

export interface Page {
  /** Where the script came from; every address of ours is relative to it. */
  readonly base: string
  readonly token: string
  /** The page answers a form: to reload it would send the form again, and some browsers do so without asking. */
  readonly posted: boolean
  /** The only transport allowed, if one is. */
  readonly transport: TransportName | undefined
  /** Milliseconds a transport may take to open. */
  readonly timeout: number
  /** Levels of the console that go to the server's log, with a space between. */
  readonly console: string | undefined
  /** The server process and the newest change the page shows. */
  epoch: string
  seq: number
}

const SELECTOR = 'script[data-live-reload]'

// Elements named `currentScript` or `querySelector` hide the document's own properties.
function find (document: Document): Element | null {
  const current: unknown = document.currentScript
  if (current instanceof HTMLScriptElement && current.matches(SELECTOR)) return current
  return Document.prototype.querySelector.call(document, SELECTOR)
}

/** A `<base>` that came meanwhile is no concern of ours: the engine knows where the script that runs came from. */
function addressOf (tag: HTMLScriptElement): string {
  const seen = /http\S+(?=:\d+:\d+)/.exec(`${Error().stack}`)?.[0]
  return seen?.endsWith(tag.getAttribute('src') as string) ? seen : tag.src
}

/** What the tag says, if there is one. */
export function readTag (): Page | undefined {
  const tag = find(document)
  if (!(tag instanceof HTMLScriptElement)) return undefined
  const { liveReload = '', token = '', method = 'GET', transport, timeout = 3000, console } = tag.dataset
  const colon = liveReload.lastIndexOf(':')
  return {
    base: addressOf(tag),
    token,
    posted: method !== 'GET',
    transport: transport === 'ws' || transport === 'sse' ? transport : undefined,
    timeout: Number(timeout),
    console,
    epoch: liveReload.slice(0, colon),
    seq: Number(liveReload.slice(colon + 1))
  }
}

/** A frame inside a page that has the tag too: that page reloads, and takes us with it. So does the one around a sandbox, which we may not look at. */
export function isInsideLivePage (): boolean {
  if (window !== top && origin === 'null') return true
  let frame: Window = window
  while (frame !== frame.parent) {
    frame = frame.parent
    try {
      if (find(frame.document)) return true
    } catch {
      // Another origin: not ours to look at.
    }
  }
  return false
}
