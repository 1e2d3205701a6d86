// This process among the workers of a cluster. The primary answers if it has called `shareTabs()`.
import cluster from 'node:cluster'
import type { FastifyBaseLogger } from 'fastify'
import type { ServerMessage } from '../../../types/message.js'
import { clock as systemClock, type Clock } from '../../shared/clock.js'
import { type CallOutcome, type FromPrimary, type FromWorker, type SharedStatus, unwrap, wrap } from '../../shared/messages/cluster.js'

/** The channel to the primary. */
export interface Port {
  /** Apps of this process that have joined, by name. Two with the same address are told apart by their order. */
  readonly groups: Set<string>
  /** False for what nobody can send. */
  send (message: object): boolean
  /** Returns its undo. */
  listen (listener: (message: unknown) => void): () => void
}

export interface MemberListener {
  /** Pages made from now on have this number. */
  onPrepare? (): void
  /** For all tabs of this process. */
  onDeliver (message: ServerMessage): void
  onEvent (event: string, data: unknown): void
  onStatus (status: SharedStatus): void
  /** This process watches from now on. */
  onLead (): void
  /** Another process asks this one, which watches. */
  onCall (name: string, args: readonly unknown[]): unknown
}

/** A primary that has not answered by then shares nothing. */
const JOIN_TIMEOUT_MS = 1000
const groupsOf = new WeakMap<object, Set<string>>()

export class Member {
  readonly epoch: string
  readonly token: string
  readonly #group: string
  readonly #port: Port
  readonly #stop: () => void
  readonly #calls = new Map<number, { resolve (value: unknown): void, reject (error: Error): void }>()
  /** What came before anybody listened. */
  readonly #early: FromPrimary[] = []
  #listener: MemberListener | undefined
  #seq: number
  #leads: boolean
  #status: SharedStatus | undefined
  #lastCall = 0
  #hasLeft = false

  constructor (group: string, port: Port, { epoch, token, seq, leads, status }: FromPrimary & { readonly type: 'joined' }) {
    this.#group = group
    this.#port = port
    this.epoch = epoch
    this.token = token
    this.#seq = seq
    this.#leads = leads
    this.#status = status
    this.#stop = port.listen(given => {
      const found = unwrap(given)
      if (found?.group === group) this.#receive(found.body as FromPrimary)
    })
  }

  /** Number of the newest change, of all processes. */
  get seq (): number { return this.#seq }
  /** Whether this process watches and builds. */
  get leads (): boolean { return this.#leads }
  /** That of the process that watches. */
  get status (): SharedStatus | undefined { return this.#status }

  listen (listener: MemberListener): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) this.#receive(message)
  }

  /** To the tabs of all processes, this one included. */
  send (message: ServerMessage): void {
    this.#say({ type: 'send', message })
  }

  tell (event: string, data: unknown): void {
    this.#say({ type: 'event', event, data })
  }

  share (status: SharedStatus): void {
    this.#status = status
    this.#say({ type: 'status', status })
  }

  /** Asks the process that watches; if that one ends, the next. Settles with `undefined` when this app closes first. Rejects as the other side did. */
  async call (name: string, ...args: readonly unknown[]): Promise<unknown> {
    if (this.#hasLeft) return undefined
    const id = ++this.#lastCall
    const result = new Promise((resolve, reject) => { this.#calls.set(id, { resolve, reject }) })
    this.#say({ type: 'call', id, name, args })
    return await result
  }

  leave (): void {
    this.#hasLeft = true
    this.#say({ type: 'leave' })
    this.#stop()
    this.#port.groups.delete(this.#group)
    for (const { resolve } of this.#calls.values()) resolve(undefined)
    this.#calls.clear()
  }

  #say (message: FromWorker): boolean {
    return this.#port.send(wrap(this.#group, message))
  }

  /** Whatever becomes of the call, the process that asks waits for an answer. */
  async #answer ({ id, from, name, args }: FromPrimary & { readonly type: 'call' }, { onCall }: MemberListener): Promise<void> {
    const say = (outcome: CallOutcome): boolean => this.#say({ type: 'result', id, to: from, outcome })
    try {
      const value = await onCall(name, args)
      if (!say({ value })) say({ error: { message: `what ${name}() of another process returned cannot be sent` } })
    } catch (error) {
      const { message = String(error), code }: Partial<NodeJS.ErrnoException> = Object(error)
      say({ error: { message, ...code !== undefined && { code } } })
    }
  }

  #settle (id: number, { value, error }: CallOutcome): void {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    if (error === undefined) call?.resolve(value)
    else call?.reject(Object.assign(new Error(error.message), error))
  }

  #receive (message: FromPrimary): void {
    const listener = this.#listener
    if (listener === undefined) {
      this.#early.push(message)
      return
    }
    switch (message.type) {
      case 'prepare':
        this.#seq = message.seq
        this.#say({ type: 'prepared', seq: message.seq })
        return
      case 'deliver': return listener.onDeliver(message.message)
      case 'event': return listener.onEvent(message.event, message.data)
      case 'status':
        this.#status = message.status
        return listener.onStatus(message.status)
      case 'lead':
        this.#leads = true
        this.#seq = message.seq
        return listener.onLead()
      case 'call':
        this.#answer(message, listener)
        return
      case 'result': this.#settle(message.id, message.outcome)
    }
  }
}

/** Returns `undefined` outside of a cluster, and where the primary shares nothing. */
export async function joinCluster (name: string, log: FastifyBaseLogger, port = clusterPort(log), clock: Clock = systemClock): Promise<Member | undefined> {
  if (port === undefined) return undefined
  const group = reserve(name, port.groups)
  const member = await new Promise<Member | undefined>(resolve => {
    const settle = (value?: Member): void => {
      cancel()
      stop()
      resolve(value)
    }
    const cancel = clock.after(JOIN_TIMEOUT_MS, settle)
    const stop = port.listen(given => {
      const found = unwrap(given)
      const answer = found?.body as FromPrimary | undefined
      // What follows the answer may come in the same turn: the member listens at once.
      if (found?.group === group && answer?.type === 'joined') settle(new Member(group, port, answer))
    })
    port.send(wrap(group, { type: 'join' }))
  })
  if (member !== undefined) return member
  port.groups.delete(group)
  port.send(wrap(group, { type: 'leave' }))
  log.warn("live reload: this is a worker of a cluster, and its tabs are not shared with the other workers, so pages may reload twice or stay as they are: call shareTabs() of 'fastify-live-reload/cluster' in the primary process")
  return undefined
}

function reserve (name: string, groups: Set<string>): string {
  let number = 1
  while (groups.has(`${name} ${number}`)) number++
  groups.add(`${name} ${number}`)
  return `${name} ${number}`
}

/** The channel of this process, if it is a worker. `from`: in tests. */
export function clusterPort (log: FastifyBaseLogger, from: Pick<typeof cluster, 'worker'> = cluster): Port | undefined {
  const { worker } = from
  if (worker === undefined) return undefined
  const groups = groupsOf.get(worker) ?? new Set()
  groupsOf.set(worker, groups)
  return {
    groups,
    send (message) {
      try {
        // The primary may be gone, and this process will be soon.
        worker.send(message, () => {})
        return true
      } catch (err) {
        log.warn({ err }, 'live reload: the other workers could not be told: not serializable')
        return false
      }
    },
    listen (listener) {
      worker.on('message', listener)
      return () => { worker.off('message', listener) }
    }
  }
}
