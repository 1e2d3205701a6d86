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
    // A worker that has just ended takes nothing; its end is told by an event.
    const peer: Peer = { id: worker.id, send: answer => { worker.send(wrap(name, answer), () => {}) } }
    group.receive(peer, body as FromWorker)
    keep(name, group)
  })
  // What changes while no worker is there is seen by nobody: the next one makes a group, and with its new epoch every open page is old.
  const keep = (name: string, group: Group): void => {
    if (group.isEmpty) groups.delete(name)
    else groups.set(name, group)
  }
  const leave = ({ id }: { readonly id: number }): void => {
    for (const [name, group] of groups) {
      group.leave(id)
      keep(name, group)
    }
  }
  workers.on('disconnect', leave)
  workers.on('exit', leave)
}
