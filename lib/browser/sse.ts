// The SSE transport.
import type { ServerMessage } from '../../types/message.js'
import { post } from './beacon.js'
import type { Transport } from './transport.js'

// Every type by name: the browser gives no event nobody asked for.
const TYPES: Record<ServerMessage['type'], true> = { hello: true, reload: true, update: true, build: true, closing: true, reconnect: true }

export const openStream: Transport = (address, { message, close }) => {
  const { base, at, token } = address
  const source = new EventSource(new URL(`events?${new URLSearchParams({ at, token })}`, base))
  for (const type in TYPES) {
    source.addEventListener(type, ({ data }) => message(`{"type":"${type}"${data.length > 2 ? ',' : ''}${data.slice(1)}`))
  }
  // It would come back by itself, but not with what the page shows by then.
  source.onerror = () => {
    source.close()
    close()
  }
  return {
    send: message => post(address, message, 'sse'),
    close: () => source.close()
  }
}
