// Routes that came after the app had started: its router takes no more, so one `/*` with a constraint stands for all of them.
import FindMyWay from 'find-my-way'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Internals } from '../graft/internals.js'
import { addStub, type Target } from './stubs.js'

export interface LateRoute {
  readonly method: string
  readonly url: string
  readonly constraints?: Record<string, unknown>
  readonly target: Target
}

const STRATEGY = 'liveReloadLate'
const IS_LATE = 'late'

export class LateRoutes {
  readonly #options: Record<string, unknown>
  /** Strategies that the app was made with. */
  readonly #constraints: Record<string, object>
  #router: FindMyWay.Instance<FindMyWay.HTTPVersion.V1> | undefined
  #found: Target | undefined

  constructor (app: FastifyInstance, internals: Internals) {
    const options = internals.read(app, 'options')
    const { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, maxParamLength, allowUnsafeRegex, useSemicolonDelimiter } = { ...options, ...options.routerOptions }
    const constraints = (options.routerOptions?.constraints ?? options.constraints ?? {}) as Record<string, { deriveConstraint (...args: unknown[]): unknown }>
    // Whether a route is a late one must be known at once.
    this.#constraints = Object.fromEntries(Object.entries(constraints).filter(([, { deriveConstraint }]) => deriveConstraint.length < 3))
    const given = { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, maxParamLength, allowUnsafeRegex, useSemicolonDelimiter }
    this.#options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  }

  /** Adds the one route, behind everything the app has. `scope` is an empty one. */
  mount (app: FastifyInstance, scope: FastifyInstance): void {
    let name = STRATEGY
    while (app.hasConstraintStrategy(name)) name += '_'
    app.addConstraintStrategy({
      name,
      storage: createStorage,
      validate: () => {},
      // Asked for every request of the app.
      deriveConstraint: (request: unknown) => this.#router === undefined || this.#find(request as IncomingMessage) === undefined ? undefined : IS_LATE
    } as never)
    addStub(scope, { method: app.supportedMethods, url: '/*', constraints: { [name]: IS_LATE } }, {
      target: { answer: (raw, response, id) => (this.#find(raw) as Target).answer(raw, response, id) }
    })
  }

  /** Makes ready to replace all of them; the function that is returned does it. @throws what the router throws, and then nothing has changed */
  plan (routes: readonly LateRoute[]): () => void {
    const router = routes.length === 0 ? undefined : FindMyWay({ ...this.#options, constraints: this.#constraints as never, defaultRoute: () => { this.#found = undefined } })
    for (const { method, url, constraints = {}, target } of routes) {
      router?.on(method as never, url, { constraints } as never, () => { this.#found = target })
    }
    return () => { this.#router = router }
  }

  #find (request: IncomingMessage): Target | undefined {
    if (this.#router === undefined) return undefined
    this.#found = undefined
    this.#router.lookup(request, undefined as unknown as ServerResponse)
    return this.#found
  }
}

function createStorage (): object {
  const stores = new Map<unknown, unknown>()
  return { get: (key: unknown) => stores.get(key) ?? null, set: (key: unknown, store: unknown) => { stores.set(key, store) } }
}
