// What hot plugins share: services by name, and one emitter.
import { EventEmitter } from 'node:events'
import type { HotEvents } from '../../../../types/hot-plugins.js'
import { errors } from '../../../errors.js'

interface Service { readonly owner: string, readonly value: unknown }
type Listener = (...args: never[]) => unknown

/** What one version provides and uses. */
export interface Trade {
  readonly provided: Map<string, unknown>
  readonly used: Set<string>
}

export class Shared {
  readonly emitter = new EventEmitter().setMaxListeners(0)
  readonly #services = new Map<string, Service>()

  /** @throws FST_LIVE_RELOAD_DUPLICATE when another plugin provides it */
  assertFree (service: string, owner: string): void {
    const known = this.#services.get(service)
    if (known !== undefined && known.owner !== owner) {
      throw new errors.FST_LIVE_RELOAD_DUPLICATE(`the hot plugin ${owner} provides the service ${service}, as ${known.owner} does; give it another name`)
    }
  }

  /** @throws FST_LIVE_RELOAD_NO_SUCH_SERVICE */
  use (service: string, user: string): unknown {
    const known = this.#services.get(service)
    if (known === undefined) throw new errors.FST_LIVE_RELOAD_NO_SUCH_SERVICE(user, service, [...this.#services.keys()].join(', ') || 'none')
    return known.value
  }

  /** From now on others get what this version provides, and nothing of those before. */
  publish (owner: string, { provided }: Pick<Trade, 'provided'>): void {
    for (const [service, known] of this.#services) if (known.owner === owner) this.#services.delete(service)
    for (const [service, value] of provided) this.#services.set(service, { owner, value })
  }

  ownerOf (service: string): string | undefined {
    return this.#services.get(service)?.owner
  }
}

/** The emitter as one version sees it: it knows the listeners that this version added. */
export class VersionEvents implements HotEvents {
  readonly #emitter: EventEmitter
  readonly #added = new Map<Listener, { event: string, call: (...args: never[]) => unknown }[]>()

  constructor (emitter: EventEmitter) {
    this.#emitter = emitter
  }

  on (event: string, listener: Listener): this {
    return this.#add(event, listener, listener)
  }

  once (event: string, listener: Listener): this {
    return this.#add(event, listener, (...args) => {
      this.off(event, listener)
      return listener(...args)
    })
  }

  off (event: string, listener: Listener): this {
    const all = this.#added.get(listener) ?? []
    const index = all.findLastIndex(one => one.event === event)
    for (const { call } of index === -1 ? [] : all.splice(index, 1)) this.#emitter.off(event, call as never)
    if (all.length === 0) this.#added.delete(listener)
    return this
  }

  emit (event: string, ...args: unknown[]): boolean {
    return this.#emitter.emit(event, ...args)
  }

  removeAll (): void {
    for (const { event, call } of [...this.#added.values()].flat()) this.#emitter.off(event, call as never)
    this.#added.clear()
  }

  #add (event: string, listener: Listener, call: Listener): this {
    // A wrapper of its own: the same function added by two versions is two listeners.
    const own: Listener = (...args) => call(...args)
    this.#added.set(listener, [...this.#added.get(listener) ?? [], { event, call: own }])
    this.#emitter.on(event, own as never)
    return this
  }
}
