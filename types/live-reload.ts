import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { BuildResult, Diagnostic } from './build.js'
import type { LiveReloadEvent, LiveReloadEvents, LiveReloadListener } from './events.js'
import type { HotPlugins } from './hot-plugins.js'
import type { IgnoreRule, Transformer } from './options.js'
import type { LiveReloadStatus } from './status.js'
import type { ClientInfo, Transport } from './transport.js'
import type { Change } from './change.js'

/** Reverses what the call that returned it did. Calling it again does nothing. */
export type Undo = () => void

/** What `app.liveReload.watch()` leaves out, and how it waits. */
export interface WatchOptions {
  /**
   * Only these files count: globs as in `ignore` (a name at any depth, or with a slash a path below what is watched). `ignore` still takes out what it matches.
   * @default every file
   */
  include?: readonly string[]
  /** Added to the `ignore` of the plugin. @default [] */
  ignore?: readonly IgnoreRule[]
  /** Honour `.gitignore` files. @default the plugin's `gitignore` */
  gitignore?: boolean
  /** Milliseconds of quiet before a burst is reported, 0 to 60000. 0 is adaptive: see `debounce` of the plugin. @default the plugin's `debounce` */
  debounce?: number
}

/** Which tabs reload, and the paths to show for it. */
export interface ReloadTarget {
  /** Files that changed, absolute or relative to the working directory. People see them; they decide nothing. @default [] */
  paths?: readonly string[]
  /** URL paths, such as `/blog/`, encoded or not: only tabs that show one of them reload. @default every tab */
  urls?: readonly string[]
}

/** `reply.liveReload`. */
export interface ReplyLiveReload {
  /**
   * The page was made from these files: templates, data. It then reloads when one of them changes, or a file that no page ever named, and
   * stays as it is when only files of other pages change. Name all that the page was made from; a page that names nothing reloads with every change.
   * @param paths Absolute, or relative to the working directory.
   * @throws FST_LIVE_RELOAD_INVALID_OPTION
   */
  uses (...paths: readonly (string | URL)[]): void
}

/** Who may call a route that was added by `routes()`. */
export interface RouteAccess {
  /**
   * `page`: whatever passes the gate (Host and Origin). `token`: only requests from the app's own origin that carry
   * the token of this process, which stands in injected HTML alone. Use it for everything that changes something.
   * @default 'page'
   */
  access?: 'page' | 'token'
}

/** Members of `app.liveReload` that plugins add with `extend()`. Add yours to this interface, so that TypeScript knows them. */
export interface LiveReloadExtensions {
  /** The plugins of the option `plugins`. */
  readonly plugins: HotPlugins
}

/**
 * `app.liveReload`: what an app and its plugins do with live reload. The plugin's own features use nothing else.
 * With `enabled: false` every method exists and does nothing.
 * What `watch`, `transform`, `report` and `on` add ends with the Fastify scope that called them.
 */
export interface LiveReload extends LiveReloadExtensions {
  /** Whether the plugin does anything. */
  readonly enabled: boolean
  /** Where the plugin's own routes live, prefix of the registering scope included, without a slash at the end: `/__live`. */
  readonly path: string
  /** Identifies this server process; a page with another one is from before a restart. */
  readonly epoch: string
  /**
   * Proves that a request comes from a page of this process: routes with `access: 'token'` take it as the query parameter `token`.
   * Injected HTML carries it in the script tag (`data-token`). Show it only to requests that `allows()` lets in. Empty when the plugin is off.
   */
  readonly token: string
  /** The number of connections that are open. */
  readonly clients: number
  /**
   * Settles when everything is watched and the first builds have ended, whatever their outcome. Never rejects.
   * The first builds start with `app.ready()` or `app.listen()`: awaiting it earlier waits forever.
   */
  readonly ready: Promise<void>
  /**
   * Reloads every tab, or the tabs that show one of `urls`. A list of paths is short for `{ paths }`.
   * @throws FST_LIVE_RELOAD_INVALID_OPTION, FST_LIVE_RELOAD_UNKNOWN_OPTION
   */
  reload (target?: readonly string[] | ReloadTarget): void
  /**
   * Shows changed files: in place where every tab can do that (style sheets and images of a `root`), by a reload otherwise.
   * @param paths Absolute, or relative to the working directory.
   * @throws FST_LIVE_RELOAD_INVALID_OPTION
   */
  update (paths: string | readonly string[]): void
  /** Runs the pipeline of this name, or all of them. @throws FST_LIVE_RELOAD_NO_SUCH_BUILD for an unknown name. */
  build (name?: string): Promise<BuildResult[]>
  /** Collects changes instead of sending them, until `resume()`. */
  pause (): void
  /** Sends what was collected since `pause()`. */
  resume (): void
  /** Asks every tab to connect again, by `transport` if one is named. */
  reconnect (transport?: Transport): void
  /**
   * Sends an event of your own to every tab, where `window.__liveReload.on(event, listener)` receives `data`.
   * @param data JSON, at most 256 KiB as text.
   * @throws FST_LIVE_RELOAD_INVALID_EVENT when `event` is empty or the name of an event of the client itself, or when `data` is not JSON or too large.
   */
  send (event: string, data?: unknown): void
  /**
   * Watches files and directories that need not exist yet. Nothing is sent to tabs: the listener decides.
   * @throws FST_LIVE_RELOAD_INVALID_OPTION
   */
  watch (paths: string | URL | readonly (string | URL)[], listener: (changes: readonly Change[]) => unknown, options?: WatchOptions): Undo
  /** Adds a transformer of HTML documents behind those that exist. @throws FST_LIVE_RELOAD_INVALID_OPTION */
  transform (transformer: Transformer): Undo
  /**
   * Registers routes below `path`, behind the plugin's gate: hidden from API documents, never injected into, never cached.
   * Must be called before the app is ready.
   */
  routes (plugin: (scope: FastifyInstance) => void | Promise<void>, options?: RouteAccess): void
  /** Whether this request may see what only developers may: its `Host` is allowed. */
  allows (request: FastifyRequest): boolean
  /**
   * The script tag, for replies that bypass Fastify's hooks (`reply.hijack()`).
   * Empty when the plugin is off, and for a request whose `Host` is not allowed.
   * @param form `nonce`: the nonce of the page's Content-Security-Policy. `xml`: for XHTML and SVG.
   */
  tag (request?: FastifyRequest, form?: { nonce?: string, xml?: boolean }): string
  /** What `GET <path>/health` answers. */
  status (): LiveReloadStatus
  /** The open connections, the oldest first. */
  connections (): ClientInfo[]
  /**
   * Shows problems of your own like those of a build of this name: over the pages, in their badge, and on the status page. They go when
   * it is called again without any, by the undo, and with the scope that called it.
   */
  report (name: string, diagnostics: readonly Diagnostic[]): Undo
  /** Tells the listeners of `on()`. */
  emit<E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]): void
  /** Adds a member to `app.liveReload`, in every scope. */
  extend<K extends keyof LiveReloadExtensions> (name: K, value: LiveReloadExtensions[K]): void
  /** Calls `listener` for every such event. What a listener throws is logged. */
  on<E extends LiveReloadEvent> (event: E, listener: LiveReloadListener<E>): Undo
}
