export type {
  BuildContext, BuildCounts, BuildFunction, BuildProfile, BuildReason, BuildRequest, BuildResult, Builder, Diagnostic, Hook, HookWithOptions, Hooks, Progress
} from './build.js'
export type { Change, ChangeType, WatchState, WatchStatus } from './change.js'
export type { ClientEvents, ClientMetrics, ClientState, LiveReloadClient } from './client.js'
export type { LiveReloadEvent, LiveReloadEvents, LiveReloadListener } from './events.js'
// Named so that the entry reaches the augmentation of Fastify's types.
export type * from './fastify.js'
export type {
  Hot, HotEvents, HotPluginInfo, HotPluginLogEntry, HotPluginMeta, HotPlugins, HotPluginsOptions, HotReason
} from './hot-plugins.js'
export type { LiveReload, LiveReloadExtensions, ReloadTarget, ReplyLiveReload, RouteAccess, Undo, WatchOptions } from './live-reload.js'
export type {
  AppliedMessage, BuildMessage, BuildStatus, ChangeMessage, ClientSettings, ClosingMessage, Corner, CustomMessage, FallbackMessage, HelloMessage, LogMessage,
  PageMessage, ReconnectMessage, ReloadMessage, ServerMessage, Stamp, Update, UpdateMessage
} from './message.js'
export type {
  BackendName, BuildOptions, ClientOptions, IgnoreRule, InjectOptions, LiveReloadOptions, MetricsOptions, MetricsRegistry, RateLimitOptions, RootOptions, SecurityOptions, TransformContext, Transformer
} from './options.js'
export type { FallbackCounts, LiveReloadStatus } from './status.js'
export type { ClientInfo, TabCounts, Transport } from './transport.js'
