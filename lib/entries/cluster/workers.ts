// What the primary does for its workers: it hands their messages to the group they belong to, and tells a group who has left.
import type { Worker } from 'node:cluster'
import { type FromWorker, unwrap, wrap } from '../../shared/messages/cluster.js'
import { Group, type Peer } from './group.js'

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
