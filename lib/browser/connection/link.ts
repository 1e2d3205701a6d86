// Opens one WebSocket or EventSource and reports its messages and its end.
import type { ClientMetrics } from '../../../types/client.js'
import type { Transport } from '../../../types/transport.js'
import type { Page } from '../page/tag.js'
import { addressOf } from './address.js'

export interface Link {
  readonly readyState: number
  /** Only a WebSocket has it. */
  send? (text: string): unknown
  close (): void
}

/** `onEnd` may be called more than once, also when the link never opened and after `close()`. */
export function openLink (transport: Transport, page: Page, metrics: ClientMetrics, onText: (text: string) => void, onEnd: () => void): Link {
  // `path` and the metrics are for people. With `whole` the stream carries the same texts as the socket.
  const url = addressOf(page, transport === 'ws' ? 'socket' : 'events', { at: `${page.epoch}:${page.seq}`, path: location.pathname, whole: '', ...metrics })
  const link = transport === 'ws' ? new WebSocket(url.href.replace('http', 'ws')) : new EventSource(url)
  link.onmessage = ({ data }: MessageEvent<string>) => onText(data)
  // An EventSource would reconnect by itself, but with the `seq` of its first request. It has no `onclose`, and ignores ours.
  link.onerror = onEnd
  return Object.assign(link, { onclose: onEnd })
}
