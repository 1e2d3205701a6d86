// What is watched and how, and who is told.
import type { Change } from '../../types/change.js'
import type { BackendName, IgnoreRule } from '../../types/options.js'
import type { KeepAlive } from './keep-alive.js'
import type { Undone } from './timing/batcher.js'

export interface WatchSettings {
  readonly name: string
  /** Absolute: directories or files, which need not exist yet. */
  readonly roots: readonly string[]
  readonly ignore: readonly IgnoreRule[]
  /** Globs: other files are not seen. @default every file */
  readonly include?: readonly string[] | undefined
  /** Absolute paths that are never entered, such as outputs inside of a source. */
  readonly exclude: readonly string[]
  readonly gitignore: boolean
  readonly backend: 'auto' | BackendName
  readonly pollInterval: number
  readonly debounce: number
  /** Something may have been made from the files since then, by `performance.now()`. `madeAt`: a file that came and went was there from then on. @default never */
  readonly usedSince?: ((at: number, undone: Undone, madeAt: number) => boolean) | undefined
  /** A root that is there again is a change by itself for what was made meanwhile: what was in it may be gone. Files of served roots are known when they are sent. @default false */
  readonly reportReturns?: boolean | undefined
  /** Changes wait, within a limit, while git works in the repository of the roots. @default false */
  readonly awaitGit?: boolean | undefined
  /** Until it is allowed, nothing keeps the process alive. @default allowed */
  readonly keepAlive?: KeepAlive | undefined
}

export type ChangesListener = (changes: readonly Change[]) => void
