// The life of one build pipeline: one state, and a pure function from an event to the next state.
import type { BuildReason } from '../../../types/build.js'
import { lastRun, LOOP_PAUSE_MS, loopPause, NO_LOOP, noteChange, noteEnd, noteStart, type Loop } from './loop-detection.js'
import { NO_STREAM, throttle, type Stream } from './throttle.js'

/**
 * - `idle`: no build runs;
 * - `hooks`: the `before` hooks run, and what changes belongs to their build;
 * - `building`: the builder and the `after` hooks run, and a change makes the build stale;
 * - `aborted`: the build is stale or the app closes, and the builder has not settled yet;
 * - `draining`: the builder has settled, and its outputs are being collected.
 */
export type Phase = 'idle' | 'hooks' | 'building' | 'aborted' | 'draining'

/** What one build covers. */
export interface Job {
  readonly reason: BuildReason
  readonly changed: readonly string[]
  /** Everything is to be built, whatever `changed` says. */
  readonly whole: boolean
}

export interface Session {
  readonly phase: Phase
  readonly closed: boolean
  /** Number of the last build that was started. */
  readonly run: number
  /** When that build began, or the first one of those that became stale before it. */
  readonly writingSince: number
  readonly running?: Job | undefined
  /** The next build. It starts as soon as none runs. */
  readonly waiting?: Job | undefined
  /** Changed sources that belong to no build yet. */
  readonly gathered: readonly string[]
  /** Some of them make the running build stale. */
  readonly isStale: boolean
  /** When they become a build. Without it they wait for the end of the running build. */
  readonly due?: number | undefined
  /** Builds in a row that became stale. */
  readonly aborts: number
  /** How many milliseconds the last good build took. */
  readonly usual?: number | undefined
  /** Builds that were stopped because they were overdue, since the last good one. */
  readonly overdue: number
  readonly stream: Stream
  readonly loop: Loop
}

/** `at` is the time. `duringBuild` says whether all changed or gathered paths were written while a build ran, `isStale` whether one was not written by the build itself. */
export type SessionEvent =
  | { readonly type: 'change', readonly at: number, readonly duringBuild: boolean, readonly isStale: boolean, readonly paths: readonly string[] }
  | { readonly type: 'due', readonly at: number, readonly duringBuild: boolean }
  | { readonly type: 'overdue' }
  | { readonly type: 'request', readonly reason: BuildReason }
  | { readonly type: 'start', readonly at: number }
  | { readonly type: 'hooks' | 'hooks-changes', readonly run: number }
  | { readonly type: 'hooks-end', readonly run: number, readonly unseen: readonly string[] }
  | { readonly type: 'settled', readonly at: number, readonly stale: boolean, readonly ok: boolean }
  | { readonly type: 'end', readonly at: number, readonly duringBuild: boolean }
  | { readonly type: 'close' }

/** After so many stale builds in a row the next one runs to its end, unless it is overdue, or saves that keep coming would never show. */
const MAX_ABORTS = 3
/** No build makes changes wait for longer than this, or twice as long as a good one takes: it may hang, and what changed may mend it. */
const PATIENCE_MS = 3_000
/** A hook that is still running so long after a change works on old content. */
const HOOK_STALE_MS = 1000

export const IDLE: Session = { phase: 'idle', closed: false, run: 0, writingSince: -Infinity, gathered: [], isStale: false, aborts: 0, overdue: 0, stream: NO_STREAM, loop: NO_LOOP }

export function next (session: Session, event: SessionEvent): Session {
  switch (event.type) {
    case 'change': return session.closed ? session : gather({ ...session, isStale: session.isStale || event.isStale }, event.paths, event)
    case 'due': return release(session, event)
    case 'overdue': return overdueAt(session) === undefined ? session : stopOverdue(session)
    case 'request': return session.closed ? session : abortStale({ ...session, waiting: merge(session.waiting, { reason: event.reason, changed: [], whole: true }) })
    case 'start': return start(session, event.at)
    case 'hooks': return event.run === session.run && session.phase === 'building' ? { ...session, phase: 'hooks' } : session
    case 'hooks-changes': return isHookRun(session, event.run) ? { ...session, running: cover(session), gathered: [], due: undefined } : session
    case 'hooks-end': return isHookRun(session, event.run) ? { ...session, phase: 'building', gathered: [...event.unseen, ...session.gathered], due: undefined } : session
    case 'settled': return settle(session, event)
    case 'end': return end(session, event)
    case 'close': return { ...session, closed: true, gathered: [], due: undefined, phase: isAbortable(session) ? 'aborted' : session.phase }
  }
}

/** Whether the hooks of this build, and not of an earlier one, are running. */
export function isHookRun (session: Session, run: number): boolean {
  return session.phase === 'hooks' && session.run === run
}

/** When the running build is stopped, whoever made the changes that wait for its end: also a file that builds write, and after any number of aborts. */
export function overdueAt (session: Session): number | undefined {
  const { phase, waiting, due, usual, overdue, loop } = session
  const isAwaited = waiting !== undefined || (phase === 'building' && due !== undefined)
  // Nothing tells how long a build takes that was never good. It may write its own sources each time, so it is stopped only once.
  if (!isAbortable(session) || !isAwaited || (usual === undefined && overdue > 0)) return undefined
  // Each one stopped so gives the next more time: a slow build comes to its end.
  return lastRun(loop).from + Math.max(PATIENCE_MS, 2 * (usual ?? 0)) * 2 ** overdue
}

/** A build that hangs writes nothing: what changed was saved by a person, and the counts begin anew. */
function stopOverdue (session: Session): Session {
  return { ...session, phase: 'aborted', aborts: 0, overdue: session.overdue + 1, loop: { ...session.loop, streak: 0, duringBuild: false } }
}

/** Hook window, then loop detection, then throttle: each may let a change wait. */
function gather (session: Session, paths: readonly string[], { at, duringBuild }: { readonly at: number, readonly duringBuild: boolean }): Session {
  const gathered = [...session.gathered, ...paths]
  if (session.phase === 'hooks') return { ...session, gathered, due: at + HOOK_STALE_MS }
  const loop = noteChange(session.loop, duringBuild)
  const pause = loopPause(loop)
  if (pause > 0) return { ...session, loop, gathered, due: at + pause }
  const { stream, due } = throttle(session.stream, at, session.due !== undefined)
  const after = { ...session, loop, stream, gathered, due }
  return due > at ? after : toJob(after)
}

function release (session: Session, event: { readonly at: number, readonly duringBuild: boolean }): Session {
  if (session.phase === 'hooks') return gather({ ...session, phase: 'building', gathered: [], isStale: true, due: undefined }, session.gathered, event)
  // A pause that is to show who changes the sources only counts while nothing builds.
  if (loopPause(session.loop) > 0 && session.phase !== 'idle') return { ...session, due: event.at + LOOP_PAUSE_MS }
  return toJob({ ...session, loop: { ...session.loop, reported: false } })
}

function toJob (session: Session): Session {
  const waiting = merge(session.waiting, { reason: 'change', changed: session.gathered, whole: false })
  const after = { ...session, waiting, gathered: [], isStale: false, due: undefined }
  return session.isStale ? abortStale(after) : after
}

function abortStale (session: Session): Session {
  return isAbortable(session) && session.aborts < MAX_ABORTS ? { ...session, phase: 'aborted' } : session
}

function isAbortable ({ phase }: Session): boolean {
  return phase === 'hooks' || phase === 'building'
}

function start (session: Session, at: number): Session {
  const running = cover({ ...session, running: session.waiting })
  return { ...session, phase: 'building', run: session.run + 1, writingSince: session.aborts > 0 ? session.writingSince : at, running, waiting: undefined, gathered: [], isStale: false, due: undefined, loop: noteStart(session.loop, at) }
}

/** The running job with everything that was gathered: it changed before the builder reads it. */
function cover ({ running, gathered }: Session): Job | undefined {
  return running && merge(running, { ...running, changed: gathered, whole: false })
}

function settle (session: Session, { stale, ok, at }: { readonly stale: boolean, readonly ok: boolean, readonly at: number }): Session {
  const due = session.phase === 'hooks' ? undefined : session.due
  if (!stale) return { ...session, phase: 'draining', due, aborts: 0, ...ok && { usual: at - lastRun(session.loop).from, overdue: 0 } }
  const waiting = session.running && merge(session.running, session.waiting)
  return { ...session, phase: 'draining', due, aborts: session.aborts + 1, waiting }
}

function end (session: Session, event: { readonly at: number, readonly duringBuild: boolean }): Session {
  const idle: Session = { ...session, phase: 'idle', running: undefined, loop: noteEnd(session.loop, event.at) }
  const isLeft = idle.gathered.length > 0 && idle.due === undefined
  return isLeft ? gather({ ...idle, gathered: [] }, idle.gathered, event) : idle
}

function merge (older: Job | undefined, newer: Job | undefined): Job {
  const jobs = [older, newer].filter(job => job !== undefined)
  return {
    reason: (jobs.at(-1) as Job).reason,
    changed: [...new Set(jobs.flatMap(job => job.changed))],
    whole: jobs.some(job => job.whole)
  }
}
