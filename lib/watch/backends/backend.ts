// The contract between a watch root and what hints at changes in it.
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
