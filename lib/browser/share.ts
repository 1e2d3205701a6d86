// Tabs of one browser share one connection: who holds the lock has it, the others hear of it over a channel.
import type { TransportName } from '../../types/client.js'
import type { HelloMessage, ServerMessage } from '../../types/message.js'
import { post } from './beacon.js'
import type { Line, LineOptions, LineState } from './connection.js'
import { createLock } from './lock.js'
import type { Address } from './transport.js'

/** Milliseconds between two questions of a visible tab to the one that leads, and how many may stay unanswered. */
const LOOK = 1000
const PATIENCE = 2
/** Changes that are kept for tabs that were away. */
const KEPT = 10

/** What tabs tell each other. */
type Word =
  /** Who leads? A visible tab would rather lead than leave it to a hidden one. */
  | { readonly type: 'ask', readonly visible: boolean }
  | { readonly type: 'tell', readonly state: LineState, readonly transport: TransportName, readonly hidden: boolean, readonly hello: HelloMessage | undefined }
  | { readonly type: 'heard', readonly message: ServerMessage }
  | { readonly type: 'restart', readonly transport: TransportName | undefined }

export interface ShareOptions extends LineOptions {
  /** The same for all tabs that may share. */
  readonly name: string
  readonly address: () => Address
}

export function createShare ({ name, address, choice, mayRetry, receive, onState }: ShareOptions, connect: (options: LineOptions) => Line): Line {
  let channel: BroadcastChannel | undefined
  let timer: ReturnType<typeof setInterval> | undefined
  let unanswered = 0
  let leading = false
  let state: LineState = 'closed'
  let transport: TransportName | undefined
  /** The greeting of the connection, kept as new as what came since: who joins compares itself with it. */
  let hello: HelloMessage | undefined

  const lock = createLock(name, lead, () => {
    drop()
    lock.take()
    wait()
    ask()
  })
  const line = connect({
    choice,
    mayRetry,
    receive (message) {
      if (message.type === 'hello') {
        hello = message
      } else {
        hello &&= renew(hello, message)
        say({ type: 'heard', message })
      }
      receive(message)
    },
    onState (next) {
      if (!leading) return
      state = next
      if (next === 'open') transport = line.transport
      onState(next)
      tell()
    }
  })

  function say (word: Word) {
    channel?.postMessage(word)
  }
  function ask () {
    say({ type: 'ask', visible: !document.hidden })
  }
  function tell () {
    if (leading) say({ type: 'tell', state, transport: line.transport, hidden: document.hidden, hello: state === 'open' ? hello : undefined })
  }

  function lead () {
    leading = true
    if (transport) choice.use(transport)
    line.start()
  }
  function drop () {
    leading = false
    line.stop()
  }
  function resign () {
    say({ type: 'tell', state: 'closed', transport: line.transport, hidden: false, hello: undefined })
    drop()
  }
  function wait () {
    state = 'connecting'
    onState(state)
  }
  function look () {
    if (leading || document.hidden) unanswered = 0
    else if (++unanswered > PATIENCE) lock.take(true)
    else ask()
  }

  function hear (word: Word) {
    if (leading) answer(word)
    else if (word.type === 'heard') receive(word.message)
    else if (word.type === 'tell') {
      unanswered = 0
      if (word.hidden && !document.hidden) ask()
      if (word.state === 'open') {
        transport = word.transport
        hello = word.hello
        if (state !== 'open' && hello) receive(hello)
      }
      // The next in the queue has it in a moment.
      state = word.state === 'closed' && lock.queued ? 'connecting' : word.state
      onState(state)
    }
  }
  function answer (word: Word) {
    if (word.type === 'restart') line.restart(word.transport)
    if (word.type !== 'ask') return
    if (!word.visible || !document.hidden) return tell()
    // Hidden tabs are slowed down and frozen: one that is looked at takes over.
    resign()
    lock.leave()
    if (mayRetry()) lock.take()
    wait()
  }

  document.addEventListener('visibilitychange', tell)

  return {
    get transport () { return leading ? line.transport : transport ?? choice.name },
    start (doubtful) {
      if (leading) return line.start(doubtful)
      if (!channel) {
        try {
          channel = new BroadcastChannel(name)
        } catch {
          // No way to talk to the others: alone, then.
          return lead()
        }
        channel.onmessage = ({ data }) => hear(data)
        timer = setInterval(look, LOOK)
        wait()
      }
      if (!lock.queued) lock.take()
      ask()
    },
    restart (name) {
      if (leading) return line.restart(name)
      transport = name ?? transport
      say({ type: 'restart', transport: name })
    },
    stop () {
      if (leading) resign()
      lock.leave()
      clearInterval(timer)
      channel?.close()
      channel = undefined
      onState('closed')
    },
    lose () {
      if (leading) line.lose()
    },
    send (message) {
      if (leading) line.send(message)
      // Not by way of who leads: that one may be gone by then.
      else post(address(), message, this.transport)
    }
  }
}

function renew (hello: HelloMessage, message: Exclude<ServerMessage, HelloMessage>): HelloMessage {
  // What one tab alone had missed the greeting tells already.
  if ('seq' in message && message.seq > hello.seq) return { ...hello, seq: message.seq, changes: [...hello.changes ?? [], message].slice(-KEPT) }
  if (message.type !== 'build' || message.state === 'progress') return hello
  // That one build is well says nothing of another that failed.
  const { build } = hello
  return build.state === 'failed' && build.name !== message.name && message.state !== 'failed' ? hello : { ...hello, build: { ...message, state: message.state } }
}
