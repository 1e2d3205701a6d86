// Sends a message by POST, for pages without a socket. A beacon outlives the page.
import type { PageMessage } from '../../../types/message.js'
import type { Transport } from '../../../types/transport.js'
import type { Page } from '../page/tag.js'

/** `transport`: what delivered the message that this one answers. */
export function post ({ base, token }: Pick<Page, 'base' | 'token'>, message: PageMessage, transport: Transport): boolean {
  const url = new URL(`${message.type}?${new URLSearchParams({ token, by: transport })}`, base)
  return navigator.sendBeacon(url, new Blob([JSON.stringify(message)], { type: 'application/json' }))
}
