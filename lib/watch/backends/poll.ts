// No events: the disk is compared at an interval, for file systems and limits that leave nothing else.
import type { Clock } from '../../shared/clock.js'
import type { WatchBackend } from './backend.js'

/** Interval while files are changing, so that the end of a burst is seen soon. */
const ACTIVE_INTERVAL_MS = 50
/** The pause is this many times as long as a comparison took: a large tree is polled less often. */
const PAUSE_FACTOR = 8

export function createPoll (clock: Clock): WatchBackend {
  return {
    followsNewDirectories: true,
    canOverlap: true,
    async open (_root, onHint, { pollInterval }) {
      let closed = false
      let cancel = clock.after(pollInterval, poll)

      async function poll (): Promise<void> {
        const began = clock.now()
        const changed = await onHint(undefined)
        const pause = changed ? Math.min(ACTIVE_INTERVAL_MS, pollInterval) : Math.max(pollInterval, PAUSE_FACTOR * (clock.now() - began))
        if (!closed) cancel = clock.after(pause, poll)
      }

      return {
        async close () {
          closed = true
          cancel()
        }
      }
    }
  }
}
