/** What happened to a file, judged by content: a touch, a chmod or a rewrite with equal bytes is no change. */
export type ChangeType = 'create' | 'update' | 'delete'

/** One difference between what the disk held and what it holds now. */
export interface Change {
  /** Absolute path below the root as the app named it: a symlinked root keeps its own name. */
  readonly path: string
  /** What happened to the file. */
  readonly type: ChangeType
  /** `performance.now()` when the difference was first seen, in milliseconds. */
  readonly seen: number
}

/**
 * How far a watch can be trusted.
 * - `ok`: native events, and the index agrees with the disk;
 * - `degraded`: parts are found later than usual (a directory the system would not watch, a root that does not exist yet), or cannot be read;
 * - `polling`: no native events, the disk is compared at an interval;
 * - `failed`: edits are not seen. Never silent: `reason` says why.
 */
export type WatchState = 'ok' | 'degraded' | 'polling' | 'failed'

/** How one watch is doing. */
export interface WatchStatus {
  /** How far it can be trusted. */
  readonly state: WatchState
  /** One sentence a human can act on; absent when `ok`. */
  readonly reason?: string
  /** Absolute paths. `/health` shows them relative to the working directory. */
  readonly roots: readonly string[]
  /** Files in the index. */
  readonly files: number
}
