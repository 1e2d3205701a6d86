// No events: the disk is compared at an interval, for file systems and limits that leave nothing else.
import type { WatchBackend } from './backend.js'
import { clock, type Clock } from '../timing/batch.js'

/** Milliseconds to the next look while files are changing, so that a burst is seen to its end. */
const ACTIVE = 50
/** A look may take at most this part of the time: a large tree is polled less often. */
const SHARE = 8

export function createPoll ({ now, after }: Clock = clock): WatchBackend {
  return {
    kind: 'poll',
    follows: true,
    overlaps: true,
    async open (_root, hint, { pollInterval }) {
      let closed = false
      let undo = after(pollInterval, look)

      function look (): void {
        const began = now()
        hint(undefined).then(found => {
          const wait = found ? Math.min(ACTIVE, pollInterval) : Math.max(pollInterval, SHARE * (now() - began))
          if (!closed) undo = after(wait, look)
        })
      }

      return {
        async close () {
          closed = true
          undo()
        }
      }
    }
  }
}
