// Every transport with its name for people. The compiler reports one that is missing here.
import type { Transport } from '../../types/transport.js'

export const TRANSPORT_NAMES: Readonly<Record<Transport, string>> = { ws: 'WebSocket', sse: 'SSE' }
export const TRANSPORTS = Object.keys(TRANSPORT_NAMES) as readonly Transport[]

export const isTransport = (value: unknown): value is Transport => TRANSPORTS.includes(value as Transport)
