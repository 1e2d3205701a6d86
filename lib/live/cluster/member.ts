// This process among the workers of a cluster. The primary answers if it has called `shareTabs()`.
import cluster from 'node:cluster'
import type { FastifyBaseLogger } from 'fastify'
import type { ServerMessage } from '../../../types/message.js'
import { clock as systemClock, type Clock } from '../../shared/clock.js'
import { type FromPrimary, type FromWorker, type SharedStatus, unwrap, wrap } from '../../shared/messages/cluster.js'

/** The channel to the primary. */
export interface Port {
  /** Apps of this process that have joined, by name. Two with the same address are told apart by their order. */
  readonly groups: Set<string>
  send (message: object): void
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
  readonly #calls = new Map<number, (value: unknown) => void>()
  /** What came before anybody listened. */
  readonly #early: FromPrimary[] = []
  #listener: MemberListener | undefined
  #seq: number
  #leads: boolean
  #status: SharedStatus | undefined
  #lastCall = 0

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

  /** Asks the process that watches. Settles with `undefined` when this app closes first. */
  async call (name: string, ...args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastCall
    const result = new Promise(resolve => { this.#calls.set(id, resolve) })
    this.#say({ type: 'call', id, name, args })
    return await result
  }

  leave (): void {
    this.#say({ type: 'leave' })
    this.#stop()
    this.#port.groups.delete(this.#group)
    for (const resolve of this.#calls.values()) resolve(undefined)
    this.#calls.clear()
  }

  #say (message: FromWorker): void {
    this.#port.send(wrap(this.#group, message))
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
        return this.#say({ type: 'prepared', seq: message.seq })
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
        Promise.resolve(listener.onCall(message.name, message.args)).then(value => this.#say({ type: 'result', id: message.id, to: message.from, value }), () => {})
        return
      case 'result':
        this.#calls.get(message.id)?.(message.value)
        this.#calls.delete(message.id)
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
      } catch (err) {
        log.warn({ err }, 'live reload: the other workers could not be told: not serializable')
      }
    },
    listen (listener) {
      worker.on('message', listener)
      return () => { worker.off('message', listener) }
    }
  }
}
