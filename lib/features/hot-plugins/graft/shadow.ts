// The shadow root: a Fastify of its own for one version of a plugin, which inherits from the app what a child scope would.
import { EventEmitter } from 'node:events'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Factory } from './factory.js'
import { LIFECYCLE, type Internals, type NotFoundContext, type Parsers, type ScopeClass } from './internals.js'
import { Views, withRouteView, withScopeView } from './views.js'

type Hook = (this: unknown, ...args: unknown[]) => unknown
export type HookName = typeof LIFECYCLE[number] | 'onRoute' | 'onRegister'

const COPIED = ['errorHandler', 'schemaErrorFormatter', 'replySerializer', 'childLoggerFactory', 'logLevel', 'logSerializers', 'bodyLimit', 'handlerTimeout', 'prefix'] as const
/** Of the router of the app; they would answer for it. */
const ROUTER = ['defaultRoute', 'onBadUrl', 'onMaxParamLength', 'buildPrettyMeta']
/** Members that a scope inherits from its app, and that Fastify gives every root anew. */
const INHERITED = ['inject', 'listen', 'addresses', 'server', 'log', 'initialConfig', 'listeningOrigin'] as const

/** What the app hands down at the moment at which the plugin was registered: later versions begin with the same. */
export interface Inheritance {
  readonly hooks: Readonly<Record<string, readonly Hook[]>>
  readonly values: ReadonlyMap<typeof COPIED[number], unknown>
  readonly parsers: Parsers
  readonly requestProps: ScopeClass['props']
  readonly replyProps: ScopeClass['props']
}

export interface GraftParts {
  readonly app: FastifyInstance
  readonly factory: Factory
  readonly internals: Internals
  /** Milliseconds that the plugin may take; 0: forever. */
  readonly pluginTimeout: number
}

export function inherit ({ app, internals }: GraftParts): Inheritance {
  const hooks = internals.read(app, 'hooks')
  return {
    hooks: Object.fromEntries([...LIFECYCLE, 'onRoute', 'onRegister'].map(name => [name, [...hooks[name] as Hook[]]])),
    values: new Map(COPIED.filter(name => internals.has(name)).map(name => [name, internals.read(app, name)])),
    parsers: copyParsers(internals.read(app, 'parsers')),
    requestProps: [...internals.read(app, 'request').props],
    replyProps: [...internals.read(app, 'reply').props]
  }
}

export class Shadow {
  readonly instance: FastifyInstance
  readonly routes: (RouteOptions & { routePath?: string })[] = []
  readonly #parts: GraftParts
  readonly #inheritance: Inheritance
  readonly #views = new Views()
  readonly #close: () => Promise<void>
  #requestId: { raw: object, id: string } | undefined

  /** `shareCompilers`: schemas are compiled by those of the app, which keep them; for a version that lives as long as the app. */
  constructor (parts: GraftParts, inheritance: Inheritance, shareCompilers: boolean) {
    this.#parts = parts
    this.#inheritance = inheritance
    const { app, factory, internals } = parts
    const shadow = this.instance = factory(this.#options())
    this.#close = shadow.close.bind(shadow)
    this.#addMethods()
    Object.setPrototypeOf(shadow, app)
    for (const name of [...INHERITED, 'asyncDispose' in Symbol ? Symbol.asyncDispose : 'log'] as const) Reflect.deleteProperty(shadow, name)
    shadow.close = app.close
    for (const [name, value] of inheritance.values) internals.write(shadow, name, value as never)
    linkClass(internals.read(shadow, 'request'), internals.read(app, 'request'), inheritance.requestProps)
    linkClass(internals.read(shadow, 'reply'), internals.read(app, 'reply'), inheritance.replyProps)
    Object.assign(internals.read(shadow, 'parsers'), copyParsers(inheritance.parsers), symbolsOf(internals.read(app, 'parsers')))
    internals.write(shadow, 'plugins', Object.create(internals.read(app, 'plugins')) as readonly string[])
    this.#inheritSchemas(shareCompilers)
    this.#inheritHooks()
    const genReqId = internals.read(app, 'genReqId')
    internals.write(shadow, 'genReqId', raw => this.#requestId?.raw === raw ? this.#requestId.id : genReqId(raw))
  }

  /** Takes over what the app was given after the plugin was registered, in the order of a child scope. Then runs `onReady`. */
  async ready (): Promise<void> {
    const { app, internals } = this.#parts
    const shadow = this.instance
    const hooks = internals.read(app, 'hooks')
    for (const name of LIFECYCLE) {
      for (const hook of (hooks[name] as Hook[]).slice(this.#inheritance.hooks[name]?.length)) shadow.addHook(name as 'onRequest', hook as never)
    }
    for (const [id, schema] of Object.entries(app.getSchemas())) if (shadow.getSchema(id) === undefined) shadow.addSchema(schema)
    this.#inheritNotFound(hooks)
    await shadow.ready()
  }

  /** Prefixes for which the plugin has set a handler of 404. */
  notFoundPrefixes (): string[] {
    const { internals } = this.#parts
    const visit = (scope: object): string[] => internals.read(scope, 'children').flatMap(child =>
      [...internals.owns(child, 'canSetNotFound') && !internals.read(child, 'canSetNotFound') ? [internals.read(child, 'prefix')] : [], ...visit(child)])
    return visit(this.instance)
  }

  /** Answers a request under the id that the app gave it. */
  answer (raw: object, response: object, id: string): void {
    this.#requestId = { raw, id }
    this.instance.routing(raw as never, response as never)
    this.#requestId = undefined
  }

  /** Runs `onClose`. */
  async close (): Promise<void> {
    try {
      await this.#close()
    } finally {
      this.#views.close()
    }
  }

  #options (): Record<string, unknown> {
    const { app, internals, pluginTimeout } = this.#parts
    const { logger, loggerInstance, serverFactory, rewriteUrl, forceCloseConnections, ...options } = internals.read(app, 'options')
    for (const name of ROUTER) delete options[name]
    if (options.routerOptions !== undefined) options.routerOptions = Object.fromEntries(Object.entries(options.routerOptions as object).filter(([name]) => !ROUTER.includes(name)))
    return {
      ...options,
      ...hasLogger(logger) ? { loggerInstance: logger } : { logger: false },
      // Nothing of a shadow may touch the server of the app, which its requests come from.
      serverFactory: () => Object.assign(new EventEmitter(), { close: (done: () => void) => done() }),
      forceCloseConnections: false,
      return503OnClosing: false,
      pluginTimeout
    }
  }

  #addMethods (): void {
    const { app, internals } = this.#parts
    const [own, all] = [internals.read(this.instance, 'methods'), internals.read(app, 'methods')]
    for (const [kind, hasBody] of [['bodyless', false], ['bodywith', true]] as const) {
      for (const method of all[kind]) if (!own[kind].has(method)) this.instance.addHttpMethod(method, { hasBody })
    }
  }

  #inheritSchemas (share: boolean): void {
    const { app, internals } = this.#parts
    const [own, parent] = [internals.read(this.instance, 'schemas'), internals.read(app, 'schemas')]
    const { isCustomValidatorCompiler: validator = false, isCustomSerializerCompiler: serializer = false } = parent
    const factories = parent.compilersFactory as Record<string, unknown>
    own.compilersFactory = {
      ...own.compilersFactory,
      ...(share || validator) && { buildValidator: factories.buildValidator },
      ...(share || serializer) && { buildSerializer: factories.buildSerializer }
    }
    Object.assign(own, { isCustomValidatorCompiler: validator, isCustomSerializerCompiler: serializer })
    if (validator) own.validatorCompiler = parent.validatorCompiler
    if (serializer) own.serializerCompiler = parent.serializerCompiler
    for (const schema of Object.values(app.getSchemas())) this.instance.addSchema(schema)
  }

  #inheritHooks (): void {
    const { app, internals } = this.#parts
    const hooks = internals.read(this.instance, 'hooks')
    for (const name of LIFECYCLE) hooks[name] = [...this.#inheritance.hooks[name] as Hook[]]
    hooks.onRegister = (this.#inheritance.hooks.onRegister as Hook[]).map(hook => withScopeView(hook, this.#views, app))
    hooks.onRoute = (this.#inheritance.hooks.onRoute as Hook[]).map(hook => withRouteView(hook, this.#views))
    const { routes } = this
    hooks.onRoute.push(options => { routes.push({ ...options as RouteOptions }) })
  }

  /** The 404 handler of the app, unless the plugin has set one for all of its URLs. */
  #inheritNotFound (hooks: Record<string, Hook[]>): void {
    const { app, internals } = this.#parts
    if (!internals.read(this.instance, 'canSetNotFound')) return
    const { handler, ...context }: NotFoundContext = internals.read(app, 'notFound')
    const own = (name: 'preHandler' | 'preValidation') => (context[name] ?? []).slice(hooks[name]?.length)
    this.instance.setNotFoundHandler({ preHandler: own('preHandler') as never, preValidation: own('preValidation') as never }, handler as never)
  }
}

function copyParsers ({ customParsers, parserList, parserRegExpList }: Parsers): Parsers {
  return { customParsers: new Map(customParsers), parserList: [...parserList], parserRegExpList: [...parserRegExpList] }
}

/** The default parser of JSON is kept behind a symbol. */
function symbolsOf (parsers: object): object {
  return Object.fromEntries(Object.getOwnPropertySymbols(parsers).map(symbol => [symbol, Reflect.get(parsers, symbol) as unknown]))
}

function linkClass (own: ScopeClass, parent: ScopeClass, props: ScopeClass['props']): void {
  own.props.splice(0, own.props.length, ...props)
  Object.setPrototypeOf(own.prototype, parent.prototype)
  Object.setPrototypeOf(own, parent)
  own.parent = parent
}

/** Without a logger Fastify uses one whose children are itself. */
function hasLogger (logger: unknown): boolean {
  if (typeof logger !== 'object' || logger === null) return false
  const { child, level } = logger as { child?: () => unknown, level?: unknown }
  return level !== undefined || child?.() !== logger
}
