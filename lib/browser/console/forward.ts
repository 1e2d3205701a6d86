// What the page's console shows goes to the server's log as well, line by line.
import type { LogMessage } from '../../../types/message.js'
import { post } from '../beacon.js'
import type { Extend } from '../start.js'
import { capture } from './capture.js'
import { createOutbox } from './outbox.js'

const KEY = 'live-reload-tab'

/** Tells tabs apart for as long as they are open. */
function tabName (): string {
  const fresh = Math.random().toString(36).slice(2, 6)
  try {
    const name = sessionStorage.getItem(KEY) ?? fresh
    sessionStorage.setItem(KEY, name)
    return name
  } catch {
    return fresh
  }
}

export const forward: Extend = (page, client, send) => {
  const tab = tabName()
  const outbox = createOutbox(() => client.state === 'open', send)
  const folder = new URL('.', page.base).href

  capture(String(page.console).split(' '), url => url.startsWith(folder), (level, text) => {
    // Without its query: secrets travel there.
    outbox.add({ type: 'log', level, text, url: location.pathname.slice(0, 300), tab })
  })
  client.on('state', outbox.flush)
  // What was not sent by then would never be. A reload is what often follows an error.
  addEventListener('pagehide', () => {
    for (const message of outbox.rest()) post(page, message satisfies LogMessage, 'sse')
  })
}
