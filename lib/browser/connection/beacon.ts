// Sends a message by POST, for pages without a socket. A beacon outlives the page.
import type { PageMessage } from '../../../types/message.js'
import type { Transport } from '../../../types/transport.js'
import type { Page } from '../page/tag.js'
import { addressOf } from './address.js'

/** `transport`: what delivered the message that this one answers. */
export function post (page: Page, message: PageMessage, transport: Transport): boolean {
  return navigator.sendBeacon(addressOf(page, message.type, { by: transport }), new Blob([JSON.stringify(message)], { type: 'application/json' }))
}
