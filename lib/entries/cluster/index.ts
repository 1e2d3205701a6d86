// The entry `fastify-live-reload/cluster`: the primary process joins its workers, so that all of them serve one set of tabs.
import cluster, { type Worker } from 'node:cluster'
import { type FromWorker, unwrap, wrap } from '../../shared/messages/cluster.js'
import { Group, type Peer } from './group.js'

let isShared = false

/**
 * Lets the workers of this `node:cluster` share their tabs: one of them watches and builds, and every tab hears of it, whichever worker it is connected to.
 * Call it once in the primary process, before or after `cluster.fork()`. In a worker it does nothing.
 */
export function shareTabs (): void {
  if (!cluster.isPrimary || isShared) return
  isShared = true
  joinWorkers(cluster)
}

/** The part of `node:cluster` that is used. */
export interface Workers {
  on (event: 'message', listener: (worker: Pick<Worker, 'id' | 'send'>, message: unknown) => void): unknown
  on (event: 'disconnect' | 'exit', listener: (worker: Pick<Worker, 'id'>) => void): unknown
}

export function joinWorkers (workers: Workers): void {
  const groups = new Map<string, Group>()
  workers.on('message', (worker, message) => {
    const found = unwrap(message)
    if (found === undefined) return
    const { group: name, body } = found
    const group = groups.get(name) ?? new Group()
    groups.set(name, group)
    // A worker that has just ended takes nothing; its end is told by an event.
    const peer: Peer = { id: worker.id, send: answer => { worker.send(wrap(name, answer), () => {}) } }
    group.receive(peer, body as FromWorker)
  })
  const leave = ({ id }: { readonly id: number }): void => { for (const group of groups.values()) group.leave(id) }
  workers.on('disconnect', leave)
  workers.on('exit', leave)
}
