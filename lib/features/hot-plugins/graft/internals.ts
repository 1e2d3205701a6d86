// What is read of Fastify's internals: one table, checked when the plugins are registered.
// Fastify takes no route, hook or decorator once it has started, so a new version of a plugin gets a Fastify root of its own,
// which must look to the plugin like a child of the app. That needs what a child inherits, and Fastify keeps it behind symbols.
import type { FastifyInstance } from 'fastify'

type Hook = (...args: unknown[]) => unknown

/** A class that Fastify makes for each scope: `props` are given to every request or reply. */
export interface ScopeClass {
  props: { key: string, value: unknown }[]
  parent?: ScopeClass
  prototype: object
}

export interface Parsers {
  customParsers: Map<string, unknown>
  parserList: unknown[]
  parserRegExpList: unknown[]
}

export interface SchemaController {
  compilersFactory: object
  validatorCompiler?: unknown
  serializerCompiler?: unknown
  isCustomValidatorCompiler?: boolean
  isCustomSerializerCompiler?: boolean
}

export interface NotFoundContext { handler: Hook, preHandler?: Hook[] | null, preValidation?: Hook[] | null }
export interface Methods { bodyless: Set<string>, bodywith: Set<string> }

interface Shapes {
  hooks: Record<string, Hook[]> & { add (name: string, hook: Hook): void }
  options: Record<string, unknown> & { pluginTimeout?: number, routerOptions?: Record<string, unknown> }
  children: object[]
  request: ScopeClass
  reply: ScopeClass
  parsers: Parsers
  schemas: SchemaController
  notFound: NotFoundContext
  canSetNotFound: boolean
  prefix: string
  logLevel: unknown
  logSerializers: unknown
  errorHandler: object
  childLoggerFactory: Hook
  genReqId: (raw: object) => string
  methods: Methods
  plugins: readonly string[]
  bodyLimit: unknown
  schemaErrorFormatter: unknown
  replySerializer: unknown
  handlerTimeout: unknown
  logController: unknown
  errorHandlerSet: unknown
}

export type Internal = keyof Shapes
interface Entry { readonly symbol: string, readonly optional?: true, is (value: unknown): boolean }

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null
const isFunction = (v: unknown): boolean => typeof v === 'function'
const isScopeClass = (v: unknown): boolean => isFunction(v) && Array.isArray((v as ScopeClass).props)
const anything = (): boolean => true
export const LIFECYCLE = ['onTimeout', 'onRequest', 'preParsing', 'preValidation', 'preSerialization', 'preHandler', 'onSend', 'onResponse', 'onError', 'onRequestAbort'] as const
const HOOKS = [...LIFECYCLE, 'onRoute', 'onRegister', 'onReady', 'onListen', 'preClose']

/** Optional ones came with later versions of Fastify 5, or hold nothing until they are set. */
export const TABLE: Readonly<Record<Internal, Entry>> = {
  hooks: { symbol: 'fastify.hooks', is: v => isObject(v) && isFunction(v.add) && HOOKS.every(name => Array.isArray(v[name])) },
  options: { symbol: 'fastify.options', is: isObject },
  children: { symbol: 'fastify.children', is: Array.isArray },
  request: { symbol: 'fastify.Request', is: isScopeClass },
  reply: { symbol: 'fastify.Reply', is: isScopeClass },
  parsers: { symbol: 'fastify.contentTypeParser', is: v => isObject(v) && v.customParsers instanceof Map && Array.isArray(v.parserList) && Array.isArray(v.parserRegExpList) },
  schemas: { symbol: 'fastify.schemaController', is: v => isObject(v) && isObject(v.compilersFactory) },
  notFound: { symbol: 'fastify.404ContextKey', is: v => isObject(v) && isFunction(v.handler) },
  canSetNotFound: { symbol: 'fastify.canSetNotFoundHandler', is: v => typeof v === 'boolean' },
  prefix: { symbol: 'fastify.routePrefix', is: v => typeof v === 'string' },
  logLevel: { symbol: 'fastify.logLevel', is: anything },
  logSerializers: { symbol: 'fastify.logSerializers', is: anything },
  errorHandler: { symbol: 'fastify.errorHandler', is: isObject },
  childLoggerFactory: { symbol: 'fastify.childLoggerFactory', is: isFunction },
  genReqId: { symbol: 'fastify.genReqId', is: isFunction },
  methods: { symbol: 'fastify.acceptedHTTPMethods', is: v => isObject(v) && v.bodyless instanceof Set && v.bodywith instanceof Set },
  plugins: { symbol: 'registered-plugin', is: v => isObject(v) && isFunction(v.includes) },
  bodyLimit: { symbol: 'fastify.bodyLimit', is: anything },
  schemaErrorFormatter: { symbol: 'fastify.schemaErrorFormatter', is: anything },
  replySerializer: { symbol: 'fastify.replySerializerDefault', is: anything },
  handlerTimeout: { symbol: 'fastify.handlerTimeout', optional: true, is: anything },
  logController: { symbol: 'fastify.logController', optional: true, is: anything },
  errorHandlerSet: { symbol: 'fastify.errorHandlerAlreadySet', optional: true, is: anything }
}

/** Reads and writes the internals of the table on instances of one copy of Fastify. */
export class Internals {
  readonly #symbols: ReadonlyMap<Internal, symbol>

  constructor (symbols: ReadonlyMap<Internal, symbol>) {
    this.#symbols = symbols
  }

  read<K extends Internal> (instance: object, name: K): Shapes[K] {
    return Reflect.get(instance, this.#symbols.get(name) as symbol) as Shapes[K]
  }

  /** Only on instances of our own. What this Fastify does not have is left out. */
  write<K extends Internal> (instance: object, name: K, value: Shapes[K]): void {
    const symbol = this.#symbols.get(name)
    if (symbol !== undefined) Reflect.set(instance, symbol, value)
  }

  /** Whether the instance has one of its own, and not that of its parent. */
  owns (instance: object, name: Internal): boolean {
    return Object.hasOwn(instance, this.#symbols.get(name) as symbol)
  }

  has (name: Internal): boolean {
    return this.#symbols.has(name)
  }

  /** Whether this instance comes from the same copy of Fastify. */
  knows (instance: object): boolean {
    return Object.hasOwn(instance, this.#symbols.get('hooks') as symbol)
  }
}

/** Milliseconds that Fastify gives a plugin of the app; 0: forever. */
export function pluginTimeoutOf (app: FastifyInstance, internals: Internals): number {
  return Number(internals.read(app, 'options').pluginTimeout ?? 10_000)
}

/** The internals of the Fastify that made `app`, or what is unknown about them. */
export function readInternals (app: FastifyInstance): Internals | string {
  const symbols = new Map<string, symbol>()
  for (let object: object | null = app; object !== null; object = Object.getPrototypeOf(object) as object | null) {
    for (const symbol of Object.getOwnPropertySymbols(object)) symbols.set(symbol.description as string, symbol)
  }
  const found = new Map<Internal, symbol>()
  for (const [name, { symbol: description, optional, is }] of Object.entries(TABLE) as [Internal, Entry][]) {
    const symbol = symbols.get(description)
    if (symbol === undefined && optional) continue
    if (symbol === undefined) return `Symbol(${description}) is missing`
    if (!is(Reflect.get(app, symbol))) return `Symbol(${description}) has an unknown shape`
    found.set(name, symbol)
  }
  return new Internals(found)
}
