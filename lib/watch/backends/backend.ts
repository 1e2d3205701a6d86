// The contract between a watch root and what reports events in it. Every backend passes test/watch/conformance.test.ts.

/** Reports where to look. An event is a hint and no change: the index decides. */
export interface WatchBackend {
  /** Directories made later are watched for certain. Otherwise the root is opened again for them. */
  readonly followsNewDirectories: boolean
  /** Two handles of one root work side by side: the new one is opened before the old one is closed, so that nothing is lost. */
  readonly canOverlap: boolean
  /**
   * Begins to report events of a directory tree, or of one file. Both exist.
   * @throws when the system cannot watch it; `code` of the error is the system's (`ENOSPC`, `EMFILE` ...), or `BACKEND_MISSING`.
   */
  open (root: string, onHint: HintListener, options: BackendOptions): Promise<BackendHandle>
}

/** The code of an error of `open` when this backend does not work on this machine at all. */
export const BACKEND_MISSING = 'BACKEND_MISSING'

/**
 * Takes the paths to compare with the disk; `undefined` stands for everything below the root.
 * Settles when they were compared, with whether anything differed.
 */
export type HintListener = (paths: readonly string[] | undefined) => Promise<boolean>

export interface BackendOptions {
  /** Directories that need no watching, as far as they are known. Absolute. */
  readonly ignored: readonly string[]
  /** The directories below the root, as far as they are known. Absolute. */
  directories (): Iterable<string>
  /** Milliseconds between two comparisons of a polling backend. */
  readonly pollInterval: number
  /** Called when the handle stopped working on its own; the root is then opened again. */
  onLost (cause: Error): void
}

export interface BackendHandle {
  close (): Promise<void>
}
