// How late a difference is noticed. What the disk says of its time counts: hints are held back in a stream of saves, and for any time on a busy machine.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Fingerprint } from '../index/fingerprint.js'

/** The native watcher delays events by at most this long. */
const MAX_EVENT_DELAY_MS = 600
/** On an idle machine events come sooner than this. */
const PROMPT_MS = 10
/** A difference that seems to be older was not made then: the clock of the file system is another one. */
const MAX_AGE_MS = 30_000

/** How long an event was held back by the native watcher, in milliseconds. A larger age is no delay: the file was put there with its own time. */
export function delayOf (after: Fingerprint | undefined): number {
  const age = after === undefined ? 0 : Date.now() - after.mtime
  return age > 0 && age <= MAX_EVENT_DELAY_MS ? age : 0
}

/** How long the file has been as it is, in milliseconds; 0 where that is not known. Rather too long than too short: a time stamp may be a tick of the clock older than the file, and `Date.now()` is rounded down. */
export function ageOfFile (after: Fingerprint | undefined): number {
  const age = after === undefined ? 0 : Date.now() + 1 - after.ctime
  return age > 0 && age <= MAX_EVENT_DELAY_MS ? age : 0
}

/** How long before it is noticed a difference may have been made, in milliseconds. The hint of an earlier write of the same file may have been as late as this one. */
export function noticeSpan (path: string, after: Fingerprint | undefined): number {
  const age = ageOnDisk(path, after)
  return age + Math.max(age, MAX_EVENT_DELAY_MS)
}

/** The hint came so late that an earlier one, of another content, may have been missed. */
export function isLate (path: string, now: Fingerprint | undefined): boolean {
  return ageOnDisk(path, now) > PROMPT_MS
}

/** Of what is gone, the time is that of its directory. */
function ageOnDisk (path: string, after: Fingerprint | undefined): number {
  const at = after?.ctime ?? changeOf(dirname(path))
  return at === undefined ? 0 : Math.min(Math.max(Date.now() - at, 0), MAX_AGE_MS)
}

function changeOf (directory: string): number | undefined {
  try {
    return statSync(directory, { throwIfNoEntry: false })?.ctimeMs
  } catch {
    return undefined
  }
}
