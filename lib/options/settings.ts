// The checked options, as everything downstream reads them.
import type { Builder, BuildFunction, Hooks } from '../../types/build.js'
import type { ClientSettings, LogMessage } from '../../types/message.js'
import type { BackendName, IgnoreRule, InjectOptions, MetricsRegistry, RootOptions, Transformer } from '../../types/options.js'
import type { Transport } from '../../types/transport.js'

export interface RootSettings {
  /** Absolute, as the app named it: symbolic links are not resolved. */
  readonly path: string
  /** Begins and ends with `/`. */
  readonly prefix: string
  /** File served to navigations that match none, or `false`. */
  readonly spa: string | false
  readonly list: RootOptions['list']
  readonly followSymlinks: boolean
  /** Options that @fastify/static gets unchanged. */
  readonly static: Readonly<Record<string, unknown>>
}

export interface BuildSettings {
  readonly name: string
  /** Absolute paths. */
  readonly source: readonly string[]
  readonly builder: Builder | BuildFunction | string | readonly string[]
  readonly hooks: { readonly before?: Hooks, readonly after?: Hooks, readonly afterFailure: 'warn' | 'fail' }
  /** Milliseconds. */
  readonly timeout: number
  readonly ignore: readonly IgnoreRule[]
  /** `undefined`: every file. */
  readonly include: readonly string[] | undefined
}

/** What a page must know before it connects. The script tag carries it. */
export interface ConnectSettings {
  readonly transport: 'auto' | Transport
  /** Milliseconds. */
  readonly fallbackTimeout: number
  /** Levels of the page's console that are forwarded. */
  readonly console: readonly LogMessage['level'][]
  /** Lines of the server's log of this level and above are shown in the page's console. */
  readonly serverLog: LogMessage['level'] | false
}

/** What a change may become instead of a reload, and for whom. */
export interface UpdateSettings {
  readonly css: boolean
  readonly images: boolean
  readonly scope: 'affected' | 'all'
}

export interface SecuritySettings {
  /** `*` stands for the number of a port; a leading dot for a subtree. */
  readonly allowedHosts: readonly string[]
  /** Of `LIVE_RELOAD_ALLOWED_HOSTS`, as they were written. */
  readonly unusableHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly maxConnections: number
  readonly rateLimit: RateLimitSettings | false
}

/** Requests to the plugin's routes in each window. */
export interface RateLimitSettings {
  /** From one address. */
  readonly max: number
  /** From all of them. */
  readonly total: number
  /** Milliseconds. */
  readonly window: number
}

/** One directory of hot plugins. */
export interface PluginSettings {
  /** Absolute. */
  readonly dir: string
  readonly options: Readonly<Record<string, unknown>>
  /** Absolute paths. */
  readonly external: readonly string[]
  /** Milliseconds. */
  readonly debounce: number
  /** Milliseconds. */
  readonly drainTimeout: number
  readonly strict: boolean
  readonly history: number
  readonly watch: boolean
}

/** What is measured, and where it is shown. */
export interface MetricsSettings {
  /** `undefined`: one of our own. */
  readonly registry: MetricsRegistry | undefined
  /** Begins with `/`. */
  readonly path: string
  readonly prefix: string
  /** Seconds. */
  readonly buckets: readonly number[]
}

/** How one watch behaves; the plugin's own options are the defaults of `app.liveReload.watch()`. */
export interface WatchRules {
  readonly ignore: readonly IgnoreRule[]
  readonly gitignore: boolean
  /** Milliseconds. */
  readonly debounce: number
}

export interface Settings extends WatchRules {
  readonly enabled: boolean
  /** Nobody has said whether this is development or production. */
  readonly assumed: boolean
  /** Working directory when the plugin was registered. */
  readonly cwd: string
  readonly roots: readonly RootSettings[]
  /** Absolute paths. */
  readonly watch: readonly string[]
  readonly builds: readonly BuildSettings[]
  readonly backend: 'auto' | BackendName
  /** Milliseconds. */
  readonly pollInterval: number
  /** Begins with `/`, no slash at the end. */
  readonly path: string
  readonly inject: false | Required<Pick<InjectOptions, 'position'>> & Pick<InjectOptions, 'when'>
  readonly transform: readonly Transformer[]
  /** As pages import them. */
  readonly importMap: readonly string[]
  readonly errorPages: boolean
  readonly cacheControl: string | false
  readonly client: ClientSettings
  readonly connect: ConnectSettings
  readonly update: UpdateSettings
  /** `undefined`: the environment names the editor. */
  readonly editor: string | false | undefined
  readonly plugins: readonly PluginSettings[]
  readonly metrics: MetricsSettings | false
  readonly security: SecuritySettings
}
