// What the first scan finds has no state before it. A page may have been sent by then, so the times of the file system say what has changed.
import type { FileIndex } from './file-index.js'

/** A write during the scan may carry a time that is slightly ahead of ours. */
const CLOCK_TOLERANCE_MS = 50
/** The times of some file systems are whole seconds, or every other one. */
const COARSE_MS = 2000

/** It has surely changed since the watch was made. `changedAt` is by the clock of the file system. */
export function isChanged ({ crawl, settings }: FileIndex, changedAt: number): boolean {
  return crawl.active && changedAt > settings.startedAt && changedAt < Date.now() + CLOCK_TOLERANCE_MS
}

/** It may have changed since then: the time is rounded down, or of a clock that is ahead of ours. */
export function isSuspect ({ crawl, settings }: FileIndex, changedAt: number): boolean {
  return crawl.active && (changedAt % 1000 === 0 ? changedAt + COARSE_MS : changedAt) > settings.startedAt
}
