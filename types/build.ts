/** What a build is for. */
export type BuildProfile = 'development' | 'production'

/** Why a build runs. */
export type BuildReason = 'start' | 'change' | 'manual'

/** What a builder is asked to do. Plain data: it crosses processes and machines. */
export interface BuildRequest {
  /** Unique within the server process. */
  readonly id: string
  /** Why the build runs. */
  readonly reason: BuildReason
  /** Absolute working directory: where the process was started. */
  readonly cwd: string
  /** Absolute paths that changed since the last build that was not aborted; empty when everything is to be built. */
  readonly changed: readonly string[]
  /** True when the previous build succeeded and `changed` is complete, so building only what depends on it is enough. */
  readonly incremental: boolean
  /** What the build is for: `development` in a server, `production` from the command line. */
  readonly profile?: BuildProfile
  /** Paths of the URLs that tabs show, the newest tabs first: `/guide/install.html`. What they show is worth building first. */
  readonly viewed?: readonly string[]
  /** Absolute directories that the app serves. */
  readonly roots?: readonly string[]
  /** Absolute directory to write to, when the builder is `staged()`: the final one is changed only after success. */
  readonly outDir?: string
}

/** What a running build may use. */
export interface BuildContext {
  /** Aborts when a newer change made this build stale, or the app closes. */
  readonly signal: AbortSignal
  /** One line for the app's log. */
  log (text: string): void
  /** Shown in the terminal and in the page. */
  progress (progress: Progress): void
  /** These outputs, absolute paths, are whole, and tabs that show them need not wait for the rest of the build. Absent where there are no tabs. */
  publish? (outputs: readonly string[]): Promise<void>
}

/** How far a build is. */
export interface Progress {
  /** What is being done: `pages`. May be empty. */
  readonly label: string
  /** Steps that are done. */
  readonly done: number
  /** Steps in all. */
  readonly total: number
  /** The shard that is being built longest. */
  readonly shard?: string
}

/** One message of a build about a source. */
export interface Diagnostic {
  /** An error means that the build failed. */
  readonly severity: 'error' | 'warning'
  /** What is wrong, as plain text. */
  readonly message: string
  /** Absolute path. Pages get it relative to the working directory. */
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based. */
  readonly column?: number
  /** Source lines around the place, as plain text. */
  readonly frame?: string
  /** Id of the shard whose pages were being built. */
  readonly shard?: string
  /** Where it was thrown. Pages never get it. */
  readonly stack?: string
}

/** How many pages and files a build has made. */
export interface BuildCounts {
  /** Source files. */
  readonly sources: number
  /** Pages, whatever their number of files. */
  readonly pages: number
  /** Pages by `kind`. */
  readonly byKind: Readonly<Record<string, number>>
  /** Files by extension: `html`, `json`. */
  readonly byFormat: Readonly<Record<string, number>>
  /** Files in all. */
  readonly files: number
}

/** How a build ended. Plain data. A failure is a value, never a rejection. */
export interface BuildResult {
  /** False: the build failed, and tabs keep what they show. */
  readonly ok: boolean
  /** Duration in milliseconds, by a monotonic clock. */
  readonly ms: number
  /** Errors and warnings, in the order in which they came. */
  readonly diagnostics: readonly Diagnostic[]
  /** True when a build that failed has left its output as it was before, as `staged()` does: the log says so then. */
  readonly outputKept?: boolean
  /**
   * Paths written. When given, only these are looked at; otherwise, and after `after` hooks, all of the served roots are.
   * Relative ones are within `outDir` of the request. Without it they are within the working directory, or within the `root` that has such a file.
   */
  readonly outputs?: readonly string[]
  /** Pages that were built, for people. */
  readonly pages?: number
  /** Pages and files by kind and format. */
  readonly counts?: BuildCounts
  /** Tail of what the build printed. */
  readonly output?: string
  /** Whatever the builder wants to tell listeners of `build:end`. JSON. */
  readonly meta?: Record<string, unknown>
}

/** Turns sources into outputs. In process, a command, an isolated module: all the same to the pipeline. */
export interface Builder {
  /** Names the builder in the log. */
  readonly name: string
  /** Resolves for every outcome of a build; rejects only when `context.signal` aborts. */
  build (request: BuildRequest, context: BuildContext): Promise<BuildResult>
  /** Prepares the first build, which does not wait for it. Called once, when the app is ready. What it fails with is logged. */
  warm? (): void | Promise<void>
  /** Frees what the builder holds. Called once, when the app closes, which waits for two seconds. What it fails with is logged. */
  close? (): Promise<void>
}

/** The shortest builder: a function. What it throws becomes a diagnostic; what it returns is merged into the result. */
export type BuildFunction = (request: BuildRequest, context: BuildContext) =>
  void | Partial<BuildResult> | Promise<void | Partial<BuildResult>>

/** A hook with limits of its own. */
export interface HookWithOptions {
  /** A command, or a function; what a function gives back is not looked at. */
  readonly run: Command | HookFunction
  /** Of a command, relative to the app's working directory. @default the app's working directory */
  readonly cwd?: string | URL
  /** Added to the environment of a command. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Milliseconds for this hook. @default 60_000 */
  readonly timeout?: number
}

type Command = string | readonly string[]
type HookFunction = (request: BuildRequest, context: BuildContext) => unknown

/** A command, or a function; what a function gives back is not looked at. Or either of them with limits of its own. */
export type Hook = Command | HookFunction | HookWithOptions

/** One hook, or a list of them: an argv array is an element of the list. */
export type Hooks = Exclude<Hook, readonly string[]> | readonly Hook[]
