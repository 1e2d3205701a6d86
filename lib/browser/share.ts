// Tabs of one browser share one connection: who holds the lock has it, the others hear of it over a channel.
import type { TransportName } from '../../types/client.js'
import type { HelloMessage, ServerMessage } from '../../types/message.js'
import { post } from './beacon.js'
import { createConnection, type Line, type LineOptions, type LineState } from './connection.js'

/** Milliseconds between two questions of a visible tab to the one that leads, and how many may stay unanswered. */
const LOOK = 1000
const PATIENCE = 2
/** Changes that are kept for tabs that were away. */
const KEPT = 10

/** What who leads tells: how it stands, what a tab that joins is greeted with, and what has just come. */
interface Word {
  readonly type: 'tell'
  readonly state: LineState
  readonly transport: TransportName
  readonly hidden: boolean
  readonly hello: HelloMessage | undefined
  readonly message: ServerMessage | undefined
}

/** `name`: the same for all tabs that may share. Where the browser has no locks or channels, or refuses them, every tab leads. */
export function createShare (name: string, options: LineOptions): Line {
  let channel: BroadcastChannel | undefined
  let timer: ReturnType<typeof setInterval> | undefined
  let unanswered = 0
  /** Our place in the queue for the lock, and the lock itself once it is ours. */
  let place: AbortController | undefined
  let leading = false
  let state: LineState = 'closed'
  let transport: TransportName | undefined
  /** The greeting of the connection, kept as new as what came since: who joins compares itself with it. */
  let hello: HelloMessage | undefined

  const line = createConnection({
    ...options,
    receive (message) {
      hello = renew(hello, message)
      tell(message)
      options.receive(message)
    },
    onState (next) {
      if (next === 'open') transport = line.transport
      become(next)
      tell()
    }
  })

  function become (next: LineState) {
    state = next
    options.onState(next)
  }
  function ask () {
    channel?.postMessage({ type: 'ask' })
  }
  function tell (message?: ServerMessage) {
    const word: Word = { type: 'tell', state, transport: line.transport, hidden: document.hidden, hello, message }
    channel?.postMessage(word)
  }

  function lead () {
    leading = true
    line.restart(transport)
  }
  function drop () {
    leading = false
    line.stop()
  }

  /** Asks for the lock, which the browser itself gives on however a tab ends; `steal` does not wait for who has it. */
  async function take (steal?: boolean) {
    place?.abort()
    const { signal } = place = new AbortController()
    try {
      await navigator.locks.request(name, steal ? { steal } : { signal }, () => signal.aborted || new Promise(resolve => {
        signal.onabort = resolve
        lead()
      }))
    } catch {
      if (signal.aborted) return
      if (!leading) return lead()
      // Somebody has stolen it.
      drop()
      follow()
    }
  }
  function follow () {
    become('connecting')
    take()
    ask()
  }
  function look () {
    if (leading || document.hidden) unanswered = 0
    else if (++unanswered > PATIENCE) take(true)
    else ask()
  }

  function hear (word: Word | { readonly type: 'ask' }) {
    if (word.type === 'ask') return leading && tell()
    // One that was passed over wakes.
    if (leading) return
    unanswered = 0
    if (word.state === 'open') {
      transport = word.transport
      const news = state === 'open' ? word.message : word.hello
      if (news) options.receive(news)
    }
    become(word.state)
    // Hidden tabs are slowed down and frozen: one that is looked at takes over.
    if (word.hidden && !document.hidden) take(true)
  }

  return {
    get transport () { return transport ?? line.transport },
    start (doubtful) {
      if (leading) return line.start(doubtful)
      if (channel) return ask()
      try {
        channel = new BroadcastChannel(name)
      } catch {
        // No way to talk to the others: alone, then.
        return lead()
      }
      channel.onmessage = ({ data }) => hear(data)
      timer = setInterval(look, LOOK)
      follow()
    },
    restart (name) {
      transport = name ?? transport
      if (leading) line.restart(name)
      else take(true)
    },
    stop () {
      place?.abort()
      drop()
      clearInterval(timer)
      channel?.close()
      channel = undefined
      become('closed')
    },
    send (message) {
      if (leading) line.send(message)
      // Not by way of who leads: that one may be gone by then.
      else post(options.address(), message, this.transport)
    }
  }
}

function renew (hello: HelloMessage | undefined, message: ServerMessage): HelloMessage | undefined {
  if (message.type === 'hello' || !hello) return message.type === 'hello' ? message : hello
  // What one tab alone had missed the greeting tells already.
  if ('seq' in message && message.seq > hello.seq) return { ...hello, seq: message.seq, changes: [...hello.changes ?? [], message].slice(-KEPT) }
  if (message.type !== 'build' || message.state === 'progress') return hello
  // That one build is well says nothing of another that failed.
  const { build } = hello
  return build.state === 'failed' && build.name !== message.name && message.state !== 'failed' ? hello : { ...hello, build: { ...message, state: message.state } }
}
