// `app.liveReload`: one object for each Fastify instance, so that what is added through it ends with that instance.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { BuildResult, Diagnostic } from '../../types/build.js'
import type { Change } from '../../types/change.js'
import type { LiveReloadEvent, LiveReloadEvents, LiveReloadListener } from '../../types/events.js'
import type { LiveReload, LiveReloadExtensions, ReloadTarget, RouteAccess, Undo, WatchOptions } from '../../types/live-reload.js'
import type { ServerMessage } from '../../types/message.js'
import type { Transformer } from '../../types/options.js'
import type { LiveReloadStatus } from '../../types/status.js'
import type { ClientInfo, Transport } from '../../types/transport.js'
import { errors } from '../errors.js'
import { parseTransformer } from '../options/parse.js'
import type { Settings, WatchRules } from '../options/settings.js'
import { parseWatchCall } from '../options/watch.js'
import { DRIVER, type Driver } from '../shared/watching/driver.js'
import { createCustomMessage } from './custom-event.js'
import { NO_PLUGINS } from './no-plugins.js'
import { parseReload, parseUpdate } from './reload-target.js'
import type { Events } from './events.js'
import { Scope } from './scope.js'

type Listener = Parameters<LiveReload['watch']>[1]
type Routes = Parameters<LiveReload['routes']>[0]
type TagForm = Parameters<LiveReload['tag']>[1]

/** What the core gives the public object. */
export interface LiveParts {
  /** The instance the plugin was registered in. */
  readonly app: FastifyInstance
  readonly settings: Settings
  readonly path: string
  readonly epoch: string
  readonly token: string
  readonly events: Events
  readonly pipeline: {
    readonly ready: Promise<void>
    reload (target: ReloadTarget): void
    update (paths: readonly string[]): void
    build (name?: string): Promise<BuildResult[]>
    pause (): void
    resume (): void
    watch (paths: readonly string[], rules: WatchRules, listener: (changes: readonly Change[]) => unknown): Undo
    /** For the test kit. Absent where another process may watch. */
    readonly driver?: Driver
  }
  send (message: ServerMessage): void
  connections (): ClientInfo[]
  status (): LiveReloadStatus
  addTransformer (transformer: Transformer): Undo
  addRoutes (plugin: Routes, access: NonNullable<RouteAccess['access']>): void
  report (name: string, diagnostics: readonly Diagnostic[]): Undo
  allows (request: FastifyRequest): boolean
  tag (request: FastifyRequest | undefined, form: TagForm): string
}

class ScopedLiveReload implements LiveReload {
  readonly enabled = true
  readonly #parts: LiveParts
  readonly #instance: FastifyInstance
  readonly #scope: Scope

  constructor (parts: LiveParts, instance: FastifyInstance) {
    this.#parts = parts
    this.#instance = instance
    this.#scope = new Scope(instance)
  }

  get path (): string { return this.#parts.path }
  get epoch (): string { return this.#parts.epoch }
  get token (): string { return this.#parts.token }
  get clients (): number { return this.#parts.connections().length }
  get plugins (): LiveReload['plugins'] { return NO_PLUGINS }
  get ready (): Promise<void> { return this.#parts.pipeline.ready }

  reload (target: readonly string[] | ReloadTarget = {}): void {
    this.#parts.pipeline.reload(parseReload(target))
  }

  update (paths: string | readonly string[]): void {
    this.#parts.pipeline.update(parseUpdate(paths, this.#parts.settings.cwd))
  }

  async build (name?: string): Promise<BuildResult[]> {
    return this.#parts.pipeline.build(name)
  }

  pause (): void {
    this.#parts.pipeline.pause()
  }

  resume (): void {
    this.#parts.pipeline.resume()
  }

  reconnect (transport?: Transport): void {
    this.#parts.send({ type: 'reconnect', ...transport !== undefined && { transport } })
  }

  send (event: string, data?: unknown): void {
    this.#parts.send(createCustomMessage(event, data))
  }

  watch (paths: string | URL | readonly (string | URL)[], listener: Listener, options?: WatchOptions): Undo {
    const { paths: absolute, ...rules } = parseWatchCall(paths, listener, options, this.#parts.settings)
    return this.#scope.own(this.#parts.pipeline.watch(absolute, rules, listener))
  }

  transform (transformer: Transformer): Undo {
    return this.#scope.own(this.#parts.addTransformer(parseTransformer('transform(transformer)', transformer)))
  }

  routes (plugin: Routes, { access = 'page' }: RouteAccess = {}): void {
    // Fastify would put the routes below the prefix of the calling scope, where no page looks for them.
    if (this.#instance.prefix !== this.#parts.app.prefix) {
      throw new errors.FST_LIVE_RELOAD_INVALID_OPTION('routes()', 'called from a scope without a prefix of its own', this.#instance.prefix)
    }
    this.#parts.addRoutes(plugin, access)
  }

  allows (request: FastifyRequest): boolean {
    return this.#parts.allows(request)
  }

  tag (request?: FastifyRequest, form?: TagForm): string {
    return this.#parts.tag(request, form)
  }

  status (): LiveReloadStatus {
    return this.#parts.status()
  }

  connections (): ClientInfo[] {
    return this.#parts.connections()
  }

  report (name: string, diagnostics: readonly Diagnostic[]): Undo {
    return this.#scope.own(this.#parts.report(name, diagnostics))
  }

  emit<E extends LiveReloadEvent> (event: E, data: LiveReloadEvents[E]): void {
    this.#parts.events.emit(event, data)
  }

  extend<K extends keyof LiveReloadExtensions> (name: K, value: LiveReloadExtensions[K]): void {
    const taken: unknown = Reflect.get(this, name)
    if (taken !== undefined && taken !== NO_PLUGINS) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`app.liveReload.${name} exists; extend it under another name`)
    // The prototype belongs to this app, and all its scopes share it.
    Object.defineProperty(Object.getPrototypeOf(this), name, { value, enumerable: true })
  }

  on<E extends LiveReloadEvent> (event: E, listener: LiveReloadListener<E>): Undo {
    return this.#scope.own(this.#parts.events.on(event, listener))
  }
}

/** Decorates the app with a getter, which Fastify calls on the instance that `liveReload` is read from. */
export function decorateLive (parts: LiveParts): void {
  class View extends ScopedLiveReload {}
  Object.defineProperty(View.prototype, DRIVER, { value: parts.pipeline.driver })
  const views = new WeakMap<FastifyInstance, LiveReload>()
  parts.app.decorate('liveReload', {
    getter (this: FastifyInstance) {
      let view = views.get(this)
      if (view === undefined) views.set(this, view = new View(parts, this))
      return view
    }
  })
}
