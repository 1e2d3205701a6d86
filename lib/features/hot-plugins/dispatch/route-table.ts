// Which plugin answers which route: stubs for those that were known when the app started, late routes for the others.
import type { FastifyInstance } from 'fastify'
import { errors } from '../../../errors.js'
import type { Unit } from '../swap/unit.js'
import { asQuery, type Route, type Version } from '../swap/version.js'
import type { Internals } from '../graft/internals.js'
import type { LateRoute, LateRoutes } from './late.js'
import { addNotFound } from './not-found.js'
import { addStub, type Stub } from './stubs.js'

export class RouteTable {
  readonly #app: FastifyInstance
  readonly #internals: Internals
  readonly #late: LateRoutes
  readonly #stubs = new Map<string, Stub & { target: Unit }>()

  constructor (app: FastifyInstance, internals: Internals, late: LateRoutes) {
    this.#app = app
    this.#internals = internals
    this.#late = late
  }

  /** Before the app has started. `scope` is an empty one. @throws FST_LIVE_RELOAD_DUPLICATE before anything is added */
  addStubs (scope: FastifyInstance, unit: Unit, version: Version): void {
    this.assertFree(unit, version, [])
    for (const route of version.routes) {
      const stub = { target: unit }
      addStub(scope, route, stub)
      this.#stubs.set(keyOf(route), stub)
    }
    for (const prefix of version.notFoundPrefixes()) addNotFound(scope, this.#internals, prefix, { target: unit })
  }

  /** @throws FST_LIVE_RELOAD_DUPLICATE when the app, or another plugin that serves, has a route of this version */
  assertFree (unit: Unit, version: Version, units: Iterable<Unit>): void {
    for (const route of version.routes) {
      const owner = this.#ownerOf(route, unit, units)
      if (owner !== undefined) throw new errors.FST_LIVE_RELOAD_DUPLICATE(`the hot plugin ${unit.name} has a route ${route.method} ${route.url}, as ${owner} has`)
    }
  }

  /**
   * Somebody has other routes than before: `next` those of a version that does not serve yet.
   * The function that is returned makes it so. @throws what the router throws, and then nothing has changed
   */
  plan (units: Iterable<Unit>, next?: { readonly unit: Unit, readonly version: Version }): () => void {
    const late: LateRoute[] = []
    const moves: (() => void)[] = []
    for (const unit of units) {
      const version = next?.unit === unit ? next.version : unit.current
      for (const route of version?.routes ?? []) {
        const stub = this.#stubs.get(keyOf(route))
        if (stub === undefined) late.push({ ...route, target: unit })
        else moves.push(() => { stub.target = unit })
      }
    }
    const replace = this.#late.plan(late)
    return () => {
      for (const move of moves) move()
      replace()
    }
  }

  /** A stub of a plugin that no longer has the route may be taken over: its file was renamed. */
  #ownerOf (route: Route, unit: Unit, units: Iterable<Unit>): string | undefined {
    const stub = this.#stubs.get(keyOf(route))
    if (stub === undefined && this.#app.hasRoute(asQuery(route))) return 'the app'
    for (const other of units) if (other !== unit && other.serves(route)) return `the hot plugin ${other.name}`
    return undefined
  }
}

function keyOf ({ method, url, constraints = {} }: Route): string {
  return JSON.stringify([method, url, constraints])
}
