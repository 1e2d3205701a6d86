// One version of a plugin: built aside, serves, is replaced, answers what it has begun, ends.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { HotReason } from '../../../../types/hot-plugins.js'
import { isThenable } from '../../../shared/call.js'
import type { Clock } from '../../../shared/clock.js'
import { Shadow, type GraftParts, type Inheritance } from '../graft/shadow.js'
import type { PluginModule } from '../plain/plugin-module.js'
import type { HotControl } from '../state/hot.js'
import type { VersionEvents } from '../state/shared.js'
import { share, within } from '../state/limit.js'

type ScopeHook = (this: FastifyInstance, done?: (error?: Error) => void) => unknown
type OwnHook = 'onListen' | 'preClose'

/** One method and one URL. */
export interface Route {
  readonly method: string
  readonly url: string
  readonly constraints?: Record<string, unknown>
}

export interface VersionParts {
  readonly graft: GraftParts
  readonly inheritance: Inheritance
  readonly control: HotControl
  readonly isFirst: boolean
  readonly clock: Clock
  /** Milliseconds for each kind of hooks; 0: forever. What takes longer is reported and left alone. */
  readonly endTimeout: number
  /** The same, when the version has failed. */
  readonly failedTimeout: number
  onError (error: unknown, what: string): void
}

export class Version {
  readonly number: number
  readonly control: HotControl
  readonly #shadow: Shadow
  readonly #parts: VersionParts
  /** Of the plugin: the app runs its own for the scopes it knows, and this one is none of them. */
  readonly #hooks: Record<OwnHook, (() => unknown)[]> = { onListen: [], preClose: [] }
  readonly #onResponseEnd = (): void => {
    this.inFlight--
    if (this.inFlight === 0) this.#onIdle?.()
  }

  #routes: readonly Route[] = []
  #onIdle: (() => void) | undefined
  inFlight = 0

  constructor (parts: VersionParts) {
    this.#parts = parts
    this.control = parts.control
    this.number = parts.control.hot.version
    this.#shadow = new Shadow(parts.graft, parts.inheritance, parts.isFirst)
    this.#shadow.instance.decorate('hot', parts.control.hot)
    this.#collectHooks()
  }

  /** With those that Fastify adds: `HEAD`, and a second one for `/` below a prefix. */
  get routes (): readonly Route[] { return this.#routes }

  notFoundPrefixes (): string[] {
    return this.#shadow.notFoundPrefixes()
  }

  /** Runs the plugin. */
  async register ({ plugin, optionsFor }: PluginModule, options: Readonly<Record<string, unknown>>): Promise<void> {
    const { instance } = this.#shadow
    await instance.register(plugin, optionsFor(instance, options))
    this.#routes = listRoutes(this.#shadow)
  }

  /** The app is complete. Runs `onReady`. */
  async ready (): Promise<void> {
    await this.#shadow.ready()
  }

  /** It serves, and the app listens. */
  async listen (): Promise<void> {
    await this.#run('onListen', this.#parts.endTimeout)
  }

  answer (raw: IncomingMessage, response: ServerResponse, id: string): void {
    this.inFlight++
    response.once('close', this.#onResponseEnd)
    this.#shadow.answer(raw, response, id)
  }

  /** The app closes, or another version serves: runs `preClose`. */
  async prepareEnd (reason: HotReason, timeout: number): Promise<void> {
    this.control.setReason(reason)
    await this.#run('preClose', timeout)
  }

  /** Nothing new comes to it. Runs `preClose`, waits for what it is answering, runs `onClose`. Never rejects. */
  async end (reason: HotReason, drainTimeout: number): Promise<void> {
    const { control, onError } = this.#parts
    const timeout = reason === 'failed' ? this.#parts.failedTimeout : this.#parts.endTimeout
    await this.prepareEnd(reason, timeout)
    await this.#drain(drainTimeout)
    try {
      await within(timeout, this.#shadow.close(), 'it did not end')
    } catch (error) {
      onError(error, 'an onClose hook')
    }
    (control.hot.events as VersionEvents).removeAll()
  }

  #drain (timeout: number): Promise<void> {
    if (this.inFlight === 0 || timeout === 0) return Promise.resolve()
    return new Promise(resolve => {
      const cancel = this.#parts.clock.after(timeout, resolve)
      this.#onIdle = () => {
        cancel()
        resolve()
      }
    })
  }

  #collectHooks (): void {
    const hooks = this.#hooks
    const { instance } = this.#shadow
    const addHook = instance.addHook as (this: FastifyInstance, name: string, hook: unknown) => FastifyInstance
    instance.addHook = function (this: FastifyInstance, name: string, hook: unknown) {
      if ((name !== 'onListen' && name !== 'preClose') || typeof hook !== 'function') return addHook.call(this, name, hook)
      hooks[name].push(() => callHook(this, hook as ScopeHook))
      return this
    } as never
  }

  async #run (name: OwnHook, timeout: number): Promise<void> {
    const limit = share(timeout)
    for (const hook of this.#hooks[name].splice(0)) {
      try {
        await limit((async () => hook())(), 'it did not end')
      } catch (error) {
        this.#parts.onError(error, `${name === 'onListen' ? 'an' : 'a'} ${name} hook`)
      }
    }
  }
}

export function asQuery ({ method, url, constraints }: Route): { method: never, url: string, constraints?: Record<string, unknown> } {
  return { method: method as never, url, ...constraints !== undefined && { constraints } }
}

/** One for each method. `/` below a prefix is two routes of which Fastify announces the first. */
function listRoutes ({ routes, instance }: Shadow): Route[] {
  const announced = routes.flatMap(({ method, url, constraints, routePath }) => [method].flat().map(one =>
    ({ route: { method: one, url, ...constraints !== undefined && { constraints: constraints as Record<string, unknown> } }, isRoot: routePath === '' })))
  const known = new Set(announced.map(({ route }) => `${route.method} ${route.url}`))
  const { routerOptions, ignoreTrailingSlash } = instance.initialConfig as { routerOptions?: { ignoreTrailingSlash?: boolean }, ignoreTrailingSlash?: boolean }
  return announced.flatMap(({ route, isRoot }) => {
    const twin = { ...route, url: `${route.url}/` }
    const hasTwin = isRoot && !(routerOptions?.ignoreTrailingSlash ?? ignoreTrailingSlash) && !known.has(`${twin.method} ${twin.url}`) && instance.hasRoute(asQuery(twin))
    return hasTwin ? [route, twin] : [route]
  })
}

/** With a callback or a promise, as Fastify takes them. */
function callHook (scope: FastifyInstance, hook: ScopeHook): unknown {
  if (hook.length === 0) return hook.call(scope)
  return new Promise<void>((resolve, reject) => {
    const result = hook.call(scope, error => error instanceof Error ? reject(error) : resolve())
    if (isThenable(result)) result.then(() => resolve(), reject)
  })
}
