// The entry `fastify-live-reload/cluster`: the primary process joins its workers, so that all of them serve one set of tabs.
import cluster from 'node:cluster'
import { joinWorkers } from './workers.js'

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
