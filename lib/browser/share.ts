// Tabs of one browser share one connection: who holds the lock has it, the others hear of it over a channel.
import type { Transport } from '../../types/transport.js'
import type { BuildMessage, ChangeMessage, HelloMessage, ServerMessage } from '../../types/message.js'
import { post } from './beacon.js'
import { createConnection, type Line, type LineOptions, type LineState } from './connection.js'

/** Milliseconds between two looks of a visible tab at how it is, and how many questions to the one that leads may stay unanswered. */
const LOOK = 1000
const PATIENCE = 2
/** Milliseconds between two looks that only sleep explains: the connection may be dead without knowing. */
const GAP = 30_000
/** Changes that are kept for tabs that join. */
const KEPT = 10

/** What who leads tells: how it stands, what a tab that joins has to hear, and what the others have not heard yet. */
interface Word {
  readonly state: LineState
  readonly transport: Transport
  readonly hidden: boolean
  readonly heard: readonly ServerMessage[]
  readonly news: readonly ServerMessage[]
}

export interface Share extends Line {
  /** A connection of our own, anew. */
  restart (): void
}

/** `name`: the same for all tabs that may share. Where the browser has no locks or channels, or refuses them, every tab leads. */
export function createShare (name: string, options: LineOptions): Share {
  let channel: BroadcastChannel | undefined
  let timer: ReturnType<typeof setInterval> | undefined
  let unanswered = 0
  let seen = 0
  /** Our place in the queue for the lock, and the lock itself once it is ours. */
  let place: AbortController | undefined
  let leading = false
  let state: LineState = 'closed'
  /** The greeting of the connection, kept as new as what came since, with which who joins compares itself; of each build the newest. */
  let heard: ServerMessage[] = []

  const line = createConnection({
    ...options,
    receive (message) {
      const [hello] = heard as [HelloMessage]
      const { seq } = message as HelloMessage
      if (message.type === 'hello') heard = [message]
      // What was missed by one tab alone the greeting tells already, what is not counted would be heard by every tab that joins.
      else if (seq > hello?.seq) heard[0] = { ...hello, seq, changes: hello.changes?.concat(message as ChangeMessage).slice(-KEPT) ?? [] }
      if (message.type === 'build') heard = [...heard.filter(old => old === hello || (old as BuildMessage).name !== message.name), message]
      tell(message)
      options.receive(message)
    },
    onState (next) {
      become(next)
      tell()
    }
  })

  function become (next: LineState) {
    state = next
    options.onState(next)
  }
  function ask () {
    channel?.postMessage(null)
  }
  function tell (...news: ServerMessage[]) {
    const word: Word = { state, transport: line.transport(), hidden: document.hidden, heard, news }
    channel?.postMessage(word)
  }

  function lead () {
    leading = true
    line.start()
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
      if (!channel) {
        seen = Date.now()
        timer = setInterval(look, LOOK)
        channel = new BroadcastChannel(name)
        channel.onmessage = ({ data }) => hear(data)
      }
      await navigator.locks.request(name, steal ? { steal } : { signal }, () => signal.aborted || new Promise(resolve => {
        signal.onabort = resolve
        lead()
      }))
    } catch {
      if (signal.aborted) return
      // No locks, or no way to talk to the others: alone, then.
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
    // Timers of a hidden page run late by design: only a visible one tells.
    if (document.hidden) return
    const gap = Date.now() - seen
    seen += gap
    if (leading) {
      unanswered = 0
      if (gap > GAP) line.start(true)
    } else if (++unanswered > PATIENCE) {
      take(true)
    } else {
      ask()
    }
  }

  function hear (word: Word | null) {
    if (!word) return leading && tell()
    // One that was passed over wakes.
    if (leading) return
    unanswered = 0
    if (word.state === 'open') {
      line.use(word.transport)
      for (const message of state === 'open' ? word.news : word.heard) options.receive(message)
    }
    become(word.state)
    // Hidden tabs are slowed down and frozen: one that is looked at takes over.
    if (word.hidden && !document.hidden) take(true)
  }

  return {
    ...line,
    start (doubtful) {
      if (leading) line.start(doubtful)
      else if (!channel) follow()
    },
    restart () {
      if (leading) line.start(true)
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
      // Not by way of who leads: that one may be gone by then.
      return line.send(message) || post(options.page, message, line.transport())
    }
  }
}
