import type { Diagnostic } from './build.js'

/**
 * One directory of server-side plugins that are reloaded while the app serves. The conventions are those of @fastify/autoload:
 * `x.ts` and `x/index.ts` are plugins, a directory's name is the prefix of what is in it unless the file exports `autoPrefix`.
 * Names that begin with `_` or `.`, tests and declarations are left out.
 */
export interface HotPluginsOptions {
  /** The directory; relative to the working directory. Need not exist yet. */
  dir: string | URL
  /** Passed to every plugin, over what it exports as `autoConfig`. @default {} */
  options?: Record<string, unknown>
  /** Files that are never evaluated again, such as the one that opens a database. A change of one is logged: it needs a restart. @default [] */
  external?: readonly (string | URL)[]
  /** Milliseconds of quiet before a burst is acted on, 0 to 60000; 0 is adaptive. @default the plugin's `debounce` */
  debounce?: number
  /** Milliseconds after which a version that was replaced is closed although requests of it are open, 0 to 3600000. @default 10_000 */
  drainTimeout?: number
  /** A plugin that fails while the app starts makes `app.ready()` fail. @default false: it is logged, and the next change tries again */
  strict?: boolean
  /** Entries that `app.liveReload.plugins.log` keeps, 0 to 10000. @default 100 */
  history?: number
  /** `false`: plugins are loaded, and reloaded on demand only. @default true */
  watch?: boolean
}

/** What a plugin may say of itself: `export const meta`. */
export interface HotPluginMeta {
  /** A name for people. */
  readonly displayName?: string
  /** Of the plugin's code. */
  readonly version?: string
  /** One sentence. */
  readonly description?: string
  /** Who to ask. */
  readonly author?: string
}

/** Why a version ends. */
export type HotReason = 'reload' | 'disable' | 'remove' | 'failed' | 'close'

/** One emitter for all hot plugins. Listeners that a version added are removed when it ends. */
export interface HotEvents {
  /** Calls `listener` for every such event. */
  on (event: string, listener: (...args: never[]) => unknown): this
  /** Calls `listener` for the next such event. */
  once (event: string, listener: (...args: never[]) => unknown): this
  /** Removes a listener that this version added. */
  off (event: string, listener: (...args: never[]) => unknown): this
  /** Calls the listeners of every plugin. True when there were some. */
  emit (event: string, ...args: unknown[]): boolean
}

/** `fastify.hot`: what a hot plugin knows of itself, and what outlives its versions. The same with `enabled: false`. */
export interface Hot {
  /** Name of the plugin: its path in the directory, without extension and `/index`. */
  readonly name: string
  /** 1, 2, ... */
  readonly version: number
  /** Why this version ends, as `onClose` hooks see it. `undefined` before. */
  readonly reason: HotReason | undefined
  /** Plain state: the same object for every version. Each plugin knows what it keeps: hence `any`. */
  readonly data: Record<string, any>
  /**
   * A live resource, such as a connection: made once, and given to every version.
   * @param dispose Called once, when the plugin is disabled or removed, or when the app closes.
   */
  keep<T> (key: string, create: () => T | Promise<T>, dispose?: (value: T) => unknown): Promise<T>
  /** One emitter for all hot plugins. */
  readonly events: HotEvents
  /** Gives other hot plugins a service of this name. Those that use it are reloaded after this plugin. @throws FST_LIVE_RELOAD_DUPLICATE */
  provide (service: string, value: unknown): void
  /** The service of this name. @throws FST_LIVE_RELOAD_NO_SUCH_SERVICE when no plugin that was loaded before provides it */
  use<T = unknown> (service: string): T
}

/** One hot plugin. */
export interface HotPluginInfo {
  /** Its path in the directory, without extension and `/index`. */
  readonly name: string
  /** Absolute path of its entry. */
  readonly file: string
  /** What it says of itself. */
  readonly meta: HotPluginMeta
  /** Of the version that serves; 0 when none does. */
  readonly version: number
  /** How often a new version took over. */
  readonly reloads: number
  /** False between `disable()` and `enable()`. */
  readonly enabled: boolean
  /** A version of it answers requests. */
  readonly serving: boolean
  /** Why the newest code does not serve. */
  readonly error?: Diagnostic
  /** Its routes: `GET /bot/stats`. */
  readonly routes: readonly string[]
  /** Requests that its versions are answering now. */
  readonly inFlight: number
}

/** Something that happened to a hot plugin. */
export interface HotPluginLogEntry {
  /** `Date.now()`. */
  readonly at: number
  /** Of the plugin. */
  readonly name: string
  /** What happened. */
  readonly event: 'loaded' | 'reloaded' | 'failed' | 'removed' | 'disabled'
  /** Of the plugin, after it. */
  readonly version: number
  /** Files that changed, relative to the working directory; empty when somebody asked for it. */
  readonly changed: readonly string[]
  /** Milliseconds it took. */
  readonly ms: number
  /** With `failed`. */
  readonly error?: Diagnostic
}

/** `app.liveReload.plugins`. Without the option `plugins`, and with `enabled: false`, it lists nothing and does nothing. */
export interface HotPlugins {
  /** Every plugin, in the order in which they were loaded. */
  list (): HotPluginInfo[]
  /** Reloads a plugin, changed or not. True when its newest code serves. @throws FST_LIVE_RELOAD_NO_SUCH_PLUGIN */
  reload (name: string): Promise<boolean>
  /** Loads a plugin that was disabled. True when it serves. @throws FST_LIVE_RELOAD_NO_SUCH_PLUGIN */
  enable (name: string): Promise<boolean>
  /** Closes a plugin; its routes answer 404. @throws FST_LIVE_RELOAD_NO_SUCH_PLUGIN */
  disable (name: string): Promise<void>
  /** How many there are. */
  readonly count: number
  /** What happened lately, the oldest first. */
  readonly log: readonly HotPluginLogEntry[]
  /** Whether changes on disk reload plugins. */
  readonly watching: boolean
  /** Watches, and reloads what changed meanwhile. Does nothing when it watches already. */
  start (): Promise<void>
  /** Stops watching. The plugins go on serving. */
  stop (): void
}
