// Tabs of one browser share one connection. The leader holds a Web Lock and the connection, and broadcasts what it receives.
import type { BuildMessage, ChangeMessage, HelloMessage, PageMessage, ServerMessage } from '../../../types/message.js'
import type { Transport } from '../../../types/transport.js'
import { isHidden } from '../page/document.js'
import { post } from './beacon.js'
import { Connection, type ConnectionOptions, type ConnectionState } from './connection.js'

/** Interval at which a visible tab checks on the leader. */
const CHECK_INTERVAL_MS = 1000
/** Questions in a row that a leader may leave unanswered before another tab takes the lock. */
const MAX_UNANSWERED = 2
/** Only a sleeping machine delays a check this long. The connection may be dead then. */
const SLEEP_GAP_MS = 30_000
/** Changes kept for tabs that join later. */
const MAX_CHANGES = 10

/** What the leader broadcasts: its connection state, messages for tabs that join, and new messages for the others. */
interface LeaderState {
  readonly state: ConnectionState
  readonly transport: Transport
  readonly hidden: boolean
  readonly replay: readonly ServerMessage[]
  readonly messages: readonly ServerMessage[]
}

/** Without locks or channels (not a secure context, a sandbox) every tab is a leader. */
export class SharedConnection {
  readonly #name: string
  readonly #options: ConnectionOptions
  readonly #connection: Connection
  #channel: BroadcastChannel | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #unanswered = 0
  #checkedAt = 0
  /** Ends our request for the lock and the lock itself. */
  #lock: AbortController | undefined
  #leading = false
  #state: ConnectionState = 'closed'
  /** The newest `hello`, updated with later changes, and the newest message of each build. */
  #replay: ServerMessage[] = []

  /** `name`: the same for all tabs that may share a connection. */
  constructor (name: string, options: ConnectionOptions) {
    this.#name = name
    this.#options = options
    this.#connection = new Connection({
      ...options,
      onMessage: message => {
        this.#record(message)
        this.#broadcast(message)
        options.onMessage(message)
      },
      onState: state => {
        this.#setState(state)
        this.#broadcast()
      }
    })
  }

  get transport (): Transport {
    return this.#connection.transport
  }

  start (suspicious?: boolean): void {
    if (this.#leading) this.#connection.start(suspicious)
    else if (!this.#channel) this.#follow()
  }

  /** Opens a new connection of our own, by another transport if one is named. */
  restart (transport?: Transport): void {
    this.#connection.use(transport)
    if (this.#leading) this.#connection.start(true)
    else this.#acquireLock(true)
  }

  stop (): void {
    this.#lock?.abort()
    this.#resign()
    clearInterval(this.#timer)
    this.#channel?.close()
    this.#channel = undefined
    this.#setState('closed')
  }

  /** A follower sends by itself: the leader may be gone by the time it would forward the message. */
  send (message: PageMessage): boolean {
    return this.#connection.send(message) || post(this.#options.page, message, this.transport)
  }

  #record (message: ServerMessage): void {
    const [hello] = this.#replay as [HelloMessage]
    const { seq } = message as HelloMessage
    if (message.type === 'hello') this.#replay = [message]
    // Changes without a `seq` are not recorded: every tab that joins would reload for them.
    else if (seq > hello?.seq) this.#replay[0] = { ...hello, seq, changes: hello.changes?.concat(message as ChangeMessage).slice(-MAX_CHANGES) ?? [] }
    if (message.type === 'build') this.#replay = [...this.#replay.filter(old => old === hello || (old as BuildMessage).name !== message.name), message]
  }

  #setState (state: ConnectionState): void {
    this.#state = state
    this.#options.onState(state)
  }

  #ask (): void {
    this.#channel?.postMessage(null)
  }

  #broadcast (...messages: ServerMessage[]): void {
    const state: LeaderState = { state: this.#state, transport: this.transport, hidden: isHidden(), replay: this.#replay, messages }
    this.#channel?.postMessage(state)
  }

  #becomeLeader (): void {
    this.#leading = true
    this.#connection.start()
  }

  #resign (): void {
    this.#leading = false
    this.#connection.stop()
  }

  #follow (): void {
    this.#setState('connecting')
    this.#acquireLock()
    this.#ask()
  }

  /** The browser releases the lock however a tab ends. `steal` takes it from a leader that is alive. */
  async #acquireLock (steal?: boolean): Promise<void> {
    this.#lock?.abort()
    const { signal } = this.#lock = new AbortController()
    try {
      if (!this.#channel) this.#openChannel()
      await navigator.locks.request(this.#name, steal ? { steal } : { signal }, () => signal.aborted || new Promise(resolve => {
        signal.onabort = resolve
        this.#becomeLeader()
      }))
    } catch {
      if (signal.aborted) return
      // This browser has no locks or no channels.
      if (!this.#leading) return this.#becomeLeader()
      // Another tab has stolen the lock.
      this.#resign()
      this.#follow()
    }
  }

  #openChannel (): void {
    this.#checkedAt = Date.now()
    this.#timer = setInterval(() => this.#check(), CHECK_INTERVAL_MS)
    this.#channel = new BroadcastChannel(this.#name)
    this.#channel.onmessage = ({ data }) => this.#onLeaderState(data)
  }

  #check (): void {
    // Browsers throttle timers of hidden pages, so a late one says nothing there.
    if (isHidden()) return
    const gap = Date.now() - this.#checkedAt
    this.#checkedAt += gap
    if (this.#leading) {
      this.#unanswered = 0
      if (gap > SLEEP_GAP_MS) this.#connection.start(true)
    } else if (++this.#unanswered > MAX_UNANSWERED) {
      this.#acquireLock(true)
    } else {
      this.#ask()
    }
  }

  /** `null` is a question for the leader. */
  #onLeaderState (leader: LeaderState | null): void {
    if (!leader) return this.#leading ? this.#broadcast() : undefined
    // A former leader that hung may still broadcast.
    if (this.#leading) return
    this.#unanswered = 0
    if (leader.state === 'open') {
      this.#connection.use(leader.transport)
      for (const message of this.#state === 'open' ? leader.messages : leader.replay) this.#options.onMessage(message)
    }
    this.#setState(leader.state)
    // Browsers slow down and freeze hidden tabs, so a visible tab takes over.
    if (leader.hidden && !isHidden()) this.#acquireLock(true)
  }
}
