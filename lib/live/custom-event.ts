// `app.liveReload.send(event, data)` -> a message for pages, or a coded error.
import type { ClientEvents } from '../../types/client.js'
import type { CustomMessage } from '../../types/message.js'
import { errors, show } from '../errors.js'

const MAX_EVENT_BYTES = 256 * 1024
/** Events of the client itself. */
const RESERVED: Readonly<Record<keyof ClientEvents & string, true>> = { reload: true, update: true, build: true, fallback: true, state: true, message: true }

/** The data of the message is a copy: what the caller changes later is not sent. @throws FST_LIVE_RELOAD_INVALID_EVENT */
export function createCustomMessage (event: string, data: unknown): CustomMessage {
  const refuse = (reason: string) => new errors.FST_LIVE_RELOAD_INVALID_EVENT(show(event), reason)
  if (typeof event !== 'string' || event === '') throw refuse('its name must be a text that is not empty')
  if (Object.hasOwn(RESERVED, event)) throw refuse('the client has an event of this name')
  if (data === undefined) return { type: 'custom', event }
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch (cause) {
    throw Object.assign(refuse('its data is not JSON'), { cause })
  }
  if (text === undefined) throw refuse('its data is not JSON')
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) throw refuse(`its data has more than ${MAX_EVENT_BYTES} bytes`)
  return { type: 'custom', event, data: JSON.parse(text) }
}
