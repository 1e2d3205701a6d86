// One link to the server, by either transport: texts come, and one day its end.
import type { TransportName } from '../../types/client.js'
import type { PageMessage } from '../../types/message.js'
import { post } from './beacon.js'

export interface Address {
  /** Where the client's own script came from. */
  readonly base: string
  readonly at: string
  readonly token: string
}

export interface Link {
  send (message: PageMessage): void
  close (): void
}

/** `ended`: it is gone, or never came about; maybe told more than once. After `Link.close()` both may still be called. */
export type OpenLink = (name: TransportName, address: Address, heard: (text: string) => void, ended: () => void) => Link

export const openLink: OpenLink = (name, address, heard, ended) => {
  const { base, at, token } = address
  const url = new URL(name === 'ws' ? 'socket' : 'events', base)
  // Whole messages: on the stream as on the socket.
  url.search = `${new URLSearchParams({ at, token, whole: '1' })}`
  const source = name === 'ws' ? new WebSocket(url.href.replace('http', 'ws')) : new EventSource(url)
  source.onmessage = ({ data }: MessageEvent<string>) => heard(data)
  // A stream would come back by itself, but not with what the page shows by then.
  source.onerror = ended
  if (source instanceof EventSource) return { send: message => post(address, message, name), close: () => source.close() }
  source.onclose = ended
  return { send: message => source.send(JSON.stringify(message)), close: () => source.close() }
}
