// Starts one client per page: not in a frame of a page that has one, not when the script runs twice, and not in a window that another page has written.
import type { LiveReloadClient } from '../../types/client.js'
import type { PageMessage } from '../../types/message.js'
import { entry } from './page/navigation.js'
import { isInsideLivePage, type Page, readTag } from './page/tag.js'
import { Session } from './session.js'

const NAME = '__liveReload'
/** A page that takes longer is connected while it loads. */
const SLOW_PAGE_MS = 300

/** Adds to the client, before it connects. `send` reaches the server only while the client is open. */
export type Extend = (page: Page, client: LiveReloadClient, send: (message: PageMessage) => void) => void

export function launch (extend?: Extend): void {
  // Own properties only: an element with this id is none. Libraries that put a page back run its scripts again.
  // A reload would empty a window that was opened without an address.
  if (Object.hasOwn(window, NAME) || entry?.name === 'about:blank' || isInsideLivePage()) return
  const page = readTag()
  if (!page) return
  const session = new Session(page)
  const client = createClient(session)
  extend?.(page, client, message => session.connection.send(message))
  // What the page itself loads comes first. `pageshow` starts the connection after that, or this if it takes long.
  setTimeout(() => { if (session.state === 'closed') session.connection.start() }, SLOW_PAGE_MS)
  Object.defineProperty(window, NAME, { value: client })
}

function createClient (session: Session): LiveReloadClient {
  const { page, connection, metrics, events } = session
  return {
    get connectionType () { return session.state === 'open' ? connection.transport : null },
    get state () { return session.state },
    get epoch () { return page.epoch },
    get seq () { return page.seq },
    metrics,
    on: events.on,
    pause: () => session.pause(),
    resume: () => session.resume(),
    reconnect: transport => connection.restart(transport)
  }
}
