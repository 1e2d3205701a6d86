import type { FastifyStaticOptions } from '@fastify/static'
import type { Transform } from 'node:stream'
import type { TransformStream } from 'node:stream/web'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { BuildFunction, Builder, Hooks } from './build.js'
import type { HotPluginsOptions } from './hot-plugins.js'
import type { Corner } from './message.js'
import type { Transport } from './transport.js'

/** Never watched: a glob (picomatch), a regular expression against the absolute path with `/`, or a function. */
export type IgnoreRule = string | RegExp | ((path: string) => boolean)

/** Where the watcher learns what changed: `native` from events of the system, `poll` by comparing the disk at an interval. */
export type BackendName = 'native' | 'poll'

/**
 * A directory served and watched. Everything @fastify/static takes for a root may be added,
 * but for what this plugin decides itself (`root`, `prefix`, `decorateReply`, `serve`, `wildcard`, `globIgnore`, `allowedPath`).
 */
export interface RootOptions extends Omit<FastifyStaticOptions, 'root' | 'prefix' | 'list' | 'decorateReply' | 'serve' | 'wildcard' | 'globIgnore' | 'allowedPath'> {
  /** Directory; relative to the working directory. Need not exist yet. */
  path: string | URL
  /** @default '/' */
  prefix?: string
  /** `true` serves `index.html` to navigations that match no file; a string names another file. @default false */
  spa?: boolean | string
  /** Directories without an index file are listed. @default false */
  list?: FastifyStaticOptions['list']
  /** Serve what symbolic links point to even outside of the root. @default false */
  followSymlinks?: boolean
}

/** One pipeline: sources, and what turns them into outputs. */
export interface BuildOptions {
  /** Names the pipeline in logs, messages and `app.liveReload.build(name)`. @default the program (`npm run build`), the name of the Builder or function, or else 'build'; a second one ends in `-2` */
  name?: string
  /** What is watched. */
  source: string | URL | readonly (string | URL)[]
  /**
   * Turns the sources into outputs: `command()`, `isolated()`, `steps()`, `staged()`, a Builder of your own, or a function.
   * A string or an argv array is a `command()`.
   */
  builder: Builder | BuildFunction | string | readonly string[]
  /** Commands (without a shell) or functions, in order, 60 s each. The first that fails stops the build. @default none */
  before?: Hooks
  /** The same, after a success. @default none */
  after?: Hooks
  /** What a failing `after` makes of the build: a warning, or a failure. @default 'warn' */
  afterFailure?: 'warn' | 'fail'
  /**
   * Only these files count: globs as in `ignore` (a name at any depth, or with a slash a path below what is watched). `ignore` still takes out what it matches.
   * @default every file
   */
  include?: readonly string[]
  /** Added to the app-wide `ignore`. */
  ignore?: readonly IgnoreRule[]
  /** Milliseconds a build may take, hooks included: 1 to 2147483647. @default 300_000 */
  timeout?: number
}

/** Where and when the client is injected. */
export interface InjectOptions {
  /** `head`: as early as is right, so that a streamed page connects at once. `body`: before `</body>`. @default 'head' */
  position?: 'head' | 'body'
  /** Called only for replies that could be injected. @default every one */
  when?: (request: FastifyRequest, reply: FastifyReply) => boolean | Promise<boolean>
}

/** What a transformer receives. */
export interface TransformContext {
  /** The request for the document. */
  readonly request: FastifyRequest
  /** Its reply. Headers may still be set. */
  readonly reply: FastifyReply
  /** As it was asked for, with its query. */
  readonly url: string
}

/**
 * Changes HTML documents before the client is added to them: a function of the whole document, or a stream it goes through.
 * When it fails the document goes out without its change.
 */
export type Transformer =
  | ((html: string, context: TransformContext) => string | Promise<string>)
  | {
    /** Called once for each document. Gets and gives bytes of UTF-8. Nothing is gathered. */
    stream (context: TransformContext): Transform | TransformStream
  }

/** How the client in the page behaves. */
export interface ClientOptions {
  /** Milliseconds of quiet in the page before it acts on a burst of messages, 0 to 60000. The server gathers bursts already. @default 0 */
  debounce?: number
  /** What a hidden tab does with a reload: wait until it is shown, or reload at once. @default 'wait' */
  hidden?: 'wait' | 'reload'
  /**
   * What carries the messages. `auto`: SSE first where the page came over HTTP/2 or HTTP/3, WebSocket first over HTTP/1.1,
   * and the other one where the first does not open. Naming one forces it.
   * @default 'auto'
   */
  transport?: 'auto' | Transport
  /** Milliseconds a transport may take to open before the page tries the other, 100 to 60000. @default 3000 */
  fallbackTimeout?: number
  /**
   * What people typed, chose, opened, scrolled and played is put back after a reload; passwords, cards and codes never.
   * `false`: a page somebody typed into is not reloaded but offers it.
   * @default true
   */
  preserve?: boolean
  /**
   * A service worker that answers the page from its cache, so that no change is seen: said in the console and the badge,
   * or unregistered before each reload.
   * @default 'warn'
   */
  serviceWorker?: 'warn' | 'bypass'
  /** A failed build is shown over the page until the build is good again. @default true */
  overlay?: boolean
  /** A small status in a corner of the window; `false`: none. @default { position: 'bottom-right' } */
  badge?: boolean | { position?: Corner }
  /** A changed style sheet or font takes its predecessor's place in the page; `false`: the page reloads. @default true */
  css?: boolean
  /** The same for images. @default true */
  images?: boolean
  /**
   * A page whose HTML has changed is changed in place instead of reloaded, where that can be right: a changed script, for one, is a
   * reload. What scripts made of the page stays, and so does what was typed, opened, scrolled and played.
   * @default false
   */
  morph?: boolean
  /**
   * Lines of the page's console, uncaught errors, what could not be loaded and what a policy forbade are written to the app's log
   * as well. `true` is `['error', 'warn']`; `console.log` is of level `info`. What pages log may hold secrets.
   * @default false
   */
  forwardConsole?: boolean | readonly ('error' | 'warn' | 'info' | 'debug')[]
  /**
   * Lines of the app's log of this level and above appear in the console of its pages. The logger needs a stream of `serverLog()`.
   * Values that look like secrets are hidden; everything else is shown as it is.
   * @default false
   */
  serverLog?: false | 'error' | 'warn' | 'info' | 'debug'
  /**
   * Who reloads. `affected`: tabs that used what changed, and those of which it is not known. `all`: every tab.
   * Known is what files of `root` went into a page; of a page that the app makes itself nothing is.
   * @default 'affected'
   */
  scope?: 'affected' | 'all'
}

/** How many requests the plugin's own routes answer in each window of time; more are answered 429 with `Retry-After`. Scripts are not counted. */
export interface RateLimitOptions {
  /** Requests from one address, that of the connection; 1 to 1000000. @default 2000 */
  max?: number
  /** Requests from all addresses together, 1 to 5000000. @default five times `max` */
  total?: number
  /** Milliseconds, 100 to 3600000. @default 10000 */
  window?: number
}

/** Who may reach the plugin. */
export interface SecurityOptions {
  /** Names in `Host` beside localhost and IP literals, such as the name given to `listen`. A leading dot allows the whole subtree. `LIVE_RELOAD_ALLOWED_HOSTS` adds to them. @default [] */
  allowedHosts?: readonly string[]
  /** Origins (`https://app.test`) beside the app's own. @default [] */
  allowedOrigins?: readonly string[]
  /** Connections that may be open at once, 1 to 1000000. More are answered 503 with `Retry-After`. @default 200 */
  maxConnections?: number
  /** Requests to the plugin's own routes; `false`: any number. @default { max: 2000, window: 10000 } */
  rateLimit?: false | RateLimitOptions
}

/** What is needed of a Prometheus registry; `Registry` of prom-client is one. */
export interface MetricsRegistry {
  /** Of the text that `metrics()` gives. */
  readonly contentType: string
  /** Everything it holds, as Prometheus reads it. */
  metrics (): Promise<string>
  /** Adds a metric. */
  registerMetric (metric: never): void
  /** The metric of this name, or `undefined`. */
  getSingleMetric (name: string): unknown
  /** Removes a metric. */
  removeSingleMetric (name: string): void
}

/** What is measured, and where it is shown. */
export interface MetricsOptions {
  /** The app's own registry: the metrics are added to it, and taken out when the app closes. @default one that holds these metrics only */
  registry?: MetricsRegistry
  /** Route below `path` of the plugin. @default '/metrics' */
  path?: string
  /** Begins the name of each metric. @default 'live_reload_' */
  prefix?: string
  /** Upper bounds of all histograms in seconds, ascending. @default 0.001 to 10 */
  buckets?: readonly number[]
}

/**
 * Options of `app.register(liveReload, options)`.
 * @throws FST_LIVE_RELOAD_INVALID_OPTION, _UNKNOWN_OPTION, _INVALID_ROOT, _DUPLICATE: the registration fails, and the message names the option
 */
export interface LiveReloadOptions {
  /** `false`: `root` is still served, nothing else exists and `app.liveReload` does nothing. The environment variable `LIVE_RELOAD` (`0`, `1`) wins. @default process.env.NODE_ENV !== 'production' */
  enabled?: boolean
  /** Served, and watched: a change reloads. @default none */
  root?: string | URL | RootOptions | readonly (string | URL | RootOptions)[]
  /** Read by the app itself (views, data): a change reloads without a build. @default none */
  watch?: string | URL | readonly (string | URL)[]
  /** What is built, from what. @default none */
  build?: BuildOptions | readonly BuildOptions[]
  /** Added to the defaults (`.git`, `node_modules`, editors' temporary files, caches of build tools), never instead of them. @default [] */
  ignore?: readonly IgnoreRule[]
  /** Honour `.gitignore` files for `build.source` and `watch`; never for `root`, whose content git usually ignores. @default true */
  gitignore?: boolean
  /** Milliseconds of quiet before a burst is acted on, 0 to 60000, and at most ten times as long in all. 0 is adaptive: a lone change goes out at once, and the next ones are gathered. @default 0 */
  debounce?: number
  /** Watcher. `auto` tries out whether native events arrive, with an empty file in each watched directory that is gone at once, and polls where they do not. The environment variable `LIVE_RELOAD_WATCH_BACKEND` wins. @default 'auto' */
  backend?: 'auto' | BackendName
  /** Milliseconds between two scans of the polling backend, 10 to 3600000. @default 300 */
  pollInterval?: number
  /** Where the plugin's own routes live. @default '/__live' */
  path?: string
  /** Where and when the client is injected; `false`: never. @default { position: 'head' } */
  inject?: false | InjectOptions
  /** An app's own changes to HTML documents, in this order, before the client is added. @default [] */
  transform?: readonly Transformer[]
  /**
   * Libraries for the browser as pages import them, such as `'htmx.org'` or `'lit/decorators.js'`: HTML documents get an import map of what npm has installed.
   * The files that the libraries reach are served below `/__libraries/`. With `enabled: false` as well. @default []
   */
  importMap?: readonly string[]
  /** HTML documents for errors that Fastify itself would answer as JSON, for navigations only. The app's own handlers win. @default true */
  errorPages?: boolean
  /** `Cache-Control` of documents and static files that set none; `false` leaves them alone. @default 'no-cache' */
  cacheControl?: string | false
  /** How the client in the page behaves. @default {} */
  client?: ClientOptions
  /**
   * Command that opens a file from the overlay, such as `'code'` or `'"/opt/my editor" -n'`: quotes as in a shell, but no shell.
   * `false`: nothing is ever opened. @default LAUNCH_EDITOR, an editor that runs, VISUAL or EDITOR
   */
  editor?: string | false
  /** Directories of Fastify plugins that are reloaded while the app serves. With `enabled: false` they are registered, and nothing else. @default none */
  plugins?: HotPluginsOptions | readonly HotPluginsOptions[]
  /** Metrics for Prometheus at `GET <path>/metrics`. Needs the package `prom-client`. @default false */
  metrics?: boolean | MetricsOptions
  /** Who may reach the plugin. @default {} */
  security?: SecurityOptions
}
