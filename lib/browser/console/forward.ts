// Forwards the page's console to the server's log.
import type { LogMessage } from '../../../types/message.js'
import { post } from '../connection/beacon.js'
import type { Extend } from '../launch.js'
import { storage } from '../page/storage.js'
import { capture } from './capture.js'
import { createOutbox } from './outbox.js'

const STORAGE_KEY = 'live-reload-tab'
const MAX_PATH_LENGTH = 300

/** Names the tab for as long as it is open. */
function tabName (): string {
  const name = storage.readText(STORAGE_KEY) ?? Math.random().toString(36).slice(2, 6)
  storage.writeText(STORAGE_KEY, name)
  return name
}

export const forwardConsole: Extend = (page, client, send) => {
  const tab = tabName()
  const outbox = createOutbox(() => client.state === 'open', send)
  const folder = new URL('.', page.base).href

  capture(String(page.console).split(' '), url => url.startsWith(folder), (level, text) => {
    // Without the query, which may contain secrets.
    outbox.add({ type: 'log', level, text, url: location.pathname.slice(0, MAX_PATH_LENGTH), tab })
  })
  client.on('state', outbox.flush)
  // An error is often followed by a reload: send what still waits before the page goes.
  addEventListener('pagehide', () => {
    for (const message of outbox.drain()) post(page, message satisfies LogMessage, 'sse')
  })
}
