// What a page without a connection of its own to answer by says: a small POST, which outlives the page.
import type { Transport } from '../../types/transport.js'
import type { PageMessage } from '../../types/message.js'
import type { Page } from './tag.js'

/** `by`: what carried the message that is answered. */
export function post ({ base, token }: Pick<Page, 'base' | 'token'>, message: PageMessage, by: Transport): boolean {
  const url = new URL(`${message.type}?${new URLSearchParams({ token, by })}`, base)
  return navigator.sendBeacon(url, new Blob([JSON.stringify(message)], { type: 'application/json' }))
}
