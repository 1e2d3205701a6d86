// The workers that serve one app: which of them watches, the number of the newest change, and the order of messages.
import { randomBytes } from 'node:crypto'
import type { ServerMessage } from '../../../types/message.js'
import { clock as systemClock, type Clock } from '../../shared/clock.js'
import type { FromPrimary, FromWorker, SharedStatus } from '../../shared/messages/cluster.js'

/** A worker that is busy for longer makes pages with the old number, which reload once more. */
const PREPARE_TIMEOUT_MS = 250

type Call = FromPrimary & { readonly type: 'call' }

export interface Peer {
  readonly id: number
  send (message: FromPrimary): void
}

export class Group {
  readonly #epoch = randomBytes(9).toString('base64url')
  readonly #token = randomBytes(18).toString('base64url')
  readonly #clock: Clock
  /** In the order in which they came: the first one watches and builds. */
  readonly #peers = new Map<number, Peer>()
  readonly #waiting: ServerMessage[] = []
  /** Those that the worker that watches has not answered yet. */
  readonly #calls = new Set<Call>()
  #seq = 0
  #status: SharedStatus | undefined
  /** Workers that make pages without the newest change. */
  readonly #unprepared = new Set<number>()
  #preparing: { readonly message: ServerMessage, readonly seq: number, readonly cancel: () => void } | undefined

  constructor (clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** The last worker has left, or none has come yet. */
  get isEmpty (): boolean {
    return this.#peers.size === 0
  }

  receive (peer: Peer, message: FromWorker): void {
    if (message.type === 'join') return this.#join(peer)
    // What a worker said before it was replaced.
    if (!this.#peers.has(peer.id)) return
    switch (message.type) {
      case 'leave': return this.leave(peer.id)
      case 'send': return this.#queue(message.message)
      case 'prepared': return this.#prepared(peer.id, message.seq)
      case 'status':
        this.#status = message.status
        return this.#tellOthers(peer.id, message)
      case 'event': return this.#tellOthers(peer.id, message)
      case 'call': return this.#call({ ...message, from: peer.id })
      case 'result': return this.#answer(message)
    }
  }

  leave (id: number): void {
    const led = this.#leader?.id === id
    if (!this.#peers.delete(id)) return
    for (const call of this.#calls) if (call.from === id) this.#calls.delete(call)
    if (led) this.#lead()
    if (this.#preparing !== undefined) this.#prepared(id, this.#preparing.seq)
  }

  get #leader (): Peer | undefined {
    const [first] = this.#peers.values()
    return first
  }

  #join (peer: Peer): void {
    this.#peers.set(peer.id, peer)
    peer.send({ type: 'joined', epoch: this.#epoch, token: this.#token, seq: this.#seq, leads: this.#leader === peer, status: this.#status })
  }

  /** The next worker watches, and does what the one before it has left open. */
  #lead (): void {
    this.#leader?.send({ type: 'lead', seq: this.#seq })
    for (const call of this.#calls) this.#leader?.send(call)
  }

  #call (call: Call): void {
    this.#calls.add(call)
    this.#leader?.send(call)
  }

  #answer ({ id, to, outcome }: FromWorker & { readonly type: 'result' }): void {
    for (const call of this.#calls) if (call.id === id && call.from === to) this.#calls.delete(call)
    this.#peers.get(to)?.send({ type: 'result', id, outcome })
  }

  #tellOthers (from: number, message: FromPrimary): void {
    for (const peer of this.#peers.values()) if (peer.id !== from) peer.send(message)
  }

  #queue (message: ServerMessage): void {
    if ('seq' in message) this.#seq = Math.max(this.#seq, message.seq)
    this.#waiting.push(message)
    this.#next()
  }

  // A tab that is told reloads at once, and any worker may answer it: all of them know the number before the first tab does.
  #next (): void {
    while (this.#preparing === undefined) {
      const message = this.#waiting.shift()
      if (message === undefined) return
      if ('seq' in message) this.#prepare(message, message.seq)
      else this.#deliver(message)
    }
  }

  #prepare (message: ServerMessage, seq: number): void {
    this.#preparing = { message, seq, cancel: this.#clock.after(PREPARE_TIMEOUT_MS, () => this.#finish()) }
    for (const peer of this.#peers.values()) {
      this.#unprepared.add(peer.id)
      peer.send({ type: 'prepare', seq })
    }
    if (this.#peers.size === 0) this.#finish()
  }

  #prepared (id: number, seq: number): void {
    if (this.#preparing?.seq !== seq) return
    this.#unprepared.delete(id)
    if (this.#unprepared.size === 0) this.#finish()
  }

  #finish (): void {
    const prepared = this.#preparing
    this.#preparing = undefined
    this.#unprepared.clear()
    prepared?.cancel()
    if (prepared !== undefined) this.#deliver(prepared.message)
    this.#next()
  }

  #deliver (message: ServerMessage): void {
    for (const peer of this.#peers.values()) peer.send({ type: 'deliver', message })
  }
}
