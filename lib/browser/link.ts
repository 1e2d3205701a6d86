// One link to the server, by either transport: texts come, and one day its end.
import type { Transport } from '../../types/transport.js'
import type { Page } from './tag.js'

export interface Link {
  readonly readyState: number
  /** Only a socket has it. */
  send? (text: string): void
  close (): void
}

/** `ended`: it is gone, or never came about; maybe told more than once, and after `Link.close()`, too. */
export function openLink (name: Transport, { base, token, epoch, seq }: Page, heard: (text: string) => void, ended: () => void): Link {
  // Whole messages: on the stream as on the socket.
  const query = new URLSearchParams({ at: `${epoch}:${seq}`, token, whole: '1' })
  const url = new URL(`${name === 'ws' ? 'socket' : 'events'}?${query}`, base)
  const link = name === 'ws' ? new WebSocket(url.href.replace('http', 'ws')) : new EventSource(url)
  link.onmessage = ({ data }: MessageEvent<string>) => heard(data)
  // A stream would come back by itself, but not with what the page shows by then. A socket has one more way to end.
  link.onerror = ended
  if ('onclose' in link) link.onclose = ended
  return link
}
