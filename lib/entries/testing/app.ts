// Clients of an app in a test, with and without a port.
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { duplexPair, type Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { ReloadMessage, ServerMessage, UpdateMessage } from '../../../types/message.js'
import { createEventReader } from './event-reader.js'
import { TIMEOUT_MS, within } from './wait.js'

export interface AppliedOptions {
  /** Wait until a tab has shown it: for tests with a browser. @default false */
  readonly tab?: boolean
  /** Milliseconds. @default 10_000 */
  readonly timeout?: number
}

/**
 * Does something, such as saving a file, and settles with what tabs were told: a reload or an update.
 * @throws when nothing was told in time.
 */
export async function applied (app: FastifyInstance, act: () => unknown, { tab = false, timeout = TIMEOUT_MS }: AppliedOptions = {}): Promise<ReloadMessage | UpdateMessage> {
  const live = app.liveReload
  await app.ready()
  // What is saved before everything is watched is no change.
  await within(timeout, 'everything is watched and built', live.ready)
  const undo: (() => void)[] = []
  const told = new Promise<ReloadMessage | UpdateMessage>(resolve => {
    let message: ReloadMessage | UpdateMessage | undefined
    undo.push(live.on('send', ({ message: sent }) => {
      if (sent.type !== 'reload' && sent.type !== 'update') return
      message ??= sent
      if (!tab) resolve(message)
    }))
    undo.push(live.on('applied', ({ seq }) => { if (message !== undefined && seq >= message.seq) resolve(message) }))
  })
  try {
    await act()
    return await within(timeout, tab ? 'a tab shows the change' : 'a reload or an update', told)
  } finally {
    for (const each of undo) each()
  }
}

export interface Connection {
  /** All messages so far, the greeting first. */
  readonly messages: readonly ServerMessage[]
  /** The first message of this type, as soon as it is there. */
  next<T extends ServerMessage['type']> (type: T, timeout?: number): Promise<Extract<ServerMessage, { type: T }>>
  close (): void
}

/**
 * A bare client on the event stream, over a connection in memory: the app need not listen. `app.inject()` cannot keep a stream open.
 * @param at What its page was made from, `epoch:seq`. @default what is newest
 */
export async function connect (app: FastifyInstance, at?: string): Promise<Connection> {
  await app.ready()
  const [near, far] = duplexPair().map(asSocket) as [Duplex, Duplex]
  app.server.emit('connection', far)
  const query = at === undefined ? '' : `?at=${encodeURIComponent(at)}`
  const asked = get({ path: `${app.liveReload.path}/events${query}`, headers: { host: 'localhost' }, createConnection: () => near })
  const [response] = await once(asked, 'response') as [IncomingMessage]
  const close = (): void => { for (const side of [near, far]) side.destroy() }
  response.on('error', () => {})
  if (response.statusCode !== 200) {
    close()
    throw new Error(`${app.liveReload.path}/events answered ${response.statusCode}`)
  }
  const { got, read } = createEventReader()
  const waiting = new Set<() => void>()
  response.on('data', (chunk: Buffer) => {
    read(chunk)
    for (const look of waiting) look()
  })
  return {
    messages: got,
    async next<T extends ServerMessage['type']> (type: T, timeout = TIMEOUT_MS) {
      let look = (): void => {}
      const found = new Promise<Extract<ServerMessage, { type: T }>>(resolve => {
        look = () => {
          const message = got.find(one => one.type === type)
          if (message !== undefined) resolve(message as Extract<ServerMessage, { type: T }>)
        }
      })
      waiting.add(look)
      look()
      try {
        return await within(timeout, `a message of the type ${type}`, found)
      } finally {
        waiting.delete(look)
      }
    },
    close
  }
}

/** What a server sets on the sockets of a network means nothing here. */
function asSocket (side: Duplex): Duplex {
  const same = (): Duplex => side
  return Object.assign(side, { remoteAddress: '127.0.0.1', setKeepAlive: same, setNoDelay: same, setTimeout: same })
}
