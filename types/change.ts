/** What happened to a file, judged by content: a touch, a chmod or a rewrite with equal bytes is no change. */
export type ChangeType = 'create' | 'update' | 'delete'

/** One difference between what the disk held and what it holds now. */
export interface Change {
  /** Absolute path below the root as the app named it: a symlinked root keeps its own name. */
  readonly path: string
  readonly type: ChangeType
  /** `performance.now()` when the difference was first seen, in milliseconds. */
  readonly seen: number
}

/**
 * How far a watch can be trusted.
 * - `ok`: native events, and the index agrees with the disk;
 * - `degraded`: parts are found later than usual (a directory the system would not watch, a root that does not exist yet), or can not be read;
 * - `polling`: no native events, the disk is compared at an interval;
 * - `failed`: edits are not seen. Never silent: `reason` says why.
 */
export type WatchState = 'ok' | 'degraded' | 'polling' | 'failed'

export interface WatchStatus {
  readonly state: WatchState
  /** One sentence a human can act on; absent when `ok`. */
  readonly reason?: string
  readonly roots: readonly string[]
  /** Files in the index. */
  readonly files: number
}

/** Tells every difference on disk, once, and says when it can not. */
export interface Watch {
  /** Settles when the first crawl is done. From here on every difference is told. Never rejects: see `status()`. */
  readonly ready: Promise<void>
  status (): WatchStatus
  /**
   * Compares with the disk now instead of waiting for events, of these paths or of everything;
   * what differs, and what was still being gathered, has been told when it settles.
   */
  check (paths?: Iterable<string>): Promise<void>
  /** Compares everything with the disk now; what differs is told in its own time, as after an event. */
  scan (): Promise<void>
  /** Ends all watching; nothing is told afterwards. Idempotent. */
  close (): Promise<void>
}

/** Where hints come from. A hint is not a change: the index decides. Both backends pass one conformance suite. */
export interface WatchBackend {
  readonly kind: 'native' | 'poll'
  /**
   * Whether directories made later are watched for certain. If not, the root is opened again for them:
   * the new handle before the old one is closed if `overlaps`, else after it.
   */
  readonly follows: boolean
  /** Whether two handles of one root work side by side, so that opening it again loses nothing. */
  readonly overlaps: boolean
  /**
   * Begins to hint about a directory tree, or about one file, that exists.
   * @throws when the system can not watch it; the error's `code` is the system's (`ENOSPC`, `EMFILE` ...).
   */
  open (root: string, hint: Hint, options: BackendOptions): Promise<BackendHandle>
}

/**
 * Paths to look at again; `undefined` means: anything below the root may have changed.
 * Settles when they have been looked at, with whether anything differed.
 */
export type Hint = (paths: readonly string[] | undefined) => Promise<boolean>

export interface BackendOptions {
  /** Directories that are never descended into, as far as they are known now. Absolute. */
  readonly ignored: readonly string[]
  /** Milliseconds between two looks of a polling backend. */
  readonly pollInterval: number
  /** Called when the handle went blind on its own; the root is then opened again. */
  lost (cause: Error): void
}

export interface BackendHandle {
  close (): Promise<void>
}
