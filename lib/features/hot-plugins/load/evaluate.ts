// Runs a compiled file, and makes what importers see of it: one object from the start, so that cycles and live bindings work.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Compiled } from './compile.js'
import type { Namespace } from './native.js'

/** What a file exports. */
export interface Instance {
  /** As `import` sees it. */
  readonly namespace: Namespace
  /** As `require()` sees it, of a CommonJS file. */
  readonly module?: { exports: unknown }
}

/** What the file may ask for. */
export interface Links {
  /** `import` and `import()`: a namespace, or a promise of one. */
  import (specifier: string): unknown
  /** As the author has written it. */
  readonly require: NodeJS.Require
}

type Run = (...parameters: unknown[]) => unknown

const COMMON_JS = 'exports, module, require, __hot_require, __filename, __dirname'
/** A module may have variables of its own named `__dirname` and the like. */
const MODULE = 'exports, module, require, __hot_require, __hot_meta, __hot_export, __toESM, __toCommonJS, __reExport'

export function createInstance (file: string, isCommonJs: boolean): Instance {
  const namespace = Object.defineProperty({}, Symbol.toStringTag, { value: 'Module' })
  if (!isCommonJs) return { namespace }
  const path = dirname(file)
  return { namespace, module: { exports: {}, id: file, filename: file, path, paths: createRequire(file).resolve.paths('x') ?? [], loaded: false, parent: undefined, children: [] } as { exports: unknown } }
}

/** `require()` of a module gives its namespace, as in Node. */
export function toExports (instance: Instance | undefined): { readonly exports: unknown } | undefined {
  return instance === undefined ? undefined : instance.module ?? { exports: instance.namespace }
}

/** esbuild gives it to a helper that copies all but the prototype, and then to a promise. */
export function asLate (promise: Promise<Namespace>): object {
  // Who imports it hears of the failure, from a promise of his own.
  promise.catch(() => {})
  return Object.create({ then: promise.then.bind(promise) }) as object
}

/** A promise when the file awaits at its top level. */
export function evaluate (file: string, { code, isAsync }: Compiled, { namespace, module }: Instance, links: Links): Promise<void> | undefined {
  const url = pathToFileURL(file).href
  // The name is the same for every version: Node keeps one source map for each. `?hot` tells it from the file that Node itself has loaded.
  // Code of the project itself, as `import()` would run it; that is never collected.
  // eslint-disable-next-line no-eval
  const run = (0, eval)(`(${isAsync ? 'async ' : ''}function (${module === undefined ? `${MODULE}) {"use strict";` : `${COMMON_JS}) {`}${code}\n})\n//# sourceURL=${url}?hot`) as Run
  const parameters = module === undefined
    ? [namespace, { get exports () { return namespace }, set exports (_value) {} }, links.import, links.require, metaOf(file), define(namespace), same, toCommonJs(namespace), reExport(namespace)]
    : [module.exports, Object.assign(module, { require: links.require }), links.import, links.require, file, dirname(file)]
  const result = run.apply(module?.exports, parameters)
  if (isAsync) return result as Promise<void>
  if (module !== undefined) showCommonJs(namespace, Object.assign(module, { loaded: true }).exports)
  return undefined
}

function metaOf (file: string): object {
  const url = pathToFileURL(file)
  const resolve = (specifier: string): string => {
    if (specifier.startsWith('.')) return new URL(specifier, url).href
    try {
      const path = createRequire(file).resolve(specifier)
      return path === specifier ? import.meta.resolve(specifier) : pathToFileURL(path).href
    } catch {
      return import.meta.resolve(specifier)
    }
  }
  return { url: url.href, filename: file, dirname: dirname(file), main: false, resolve }
}

const same = <T>(value: T): T => value

const define = (namespace: object) => (getters: Record<string, () => unknown>): void => {
  for (const [name, get] of Object.entries(getters)) Object.defineProperty(namespace, name, { get, enumerable: true, configurable: true })
}

/** The getters that esbuild has put on an object of its own. */
const toCommonJs = (namespace: object) => (exports: object): object => Object.defineProperties(namespace, Object.getOwnPropertyDescriptors(exports))

const reExport = (namespace: object) => (_own: object, from: Record<string, unknown>): void => {
  for (const name of Object.keys(from)) {
    if (name !== 'default' && !Object.hasOwn(namespace, name)) Object.defineProperty(namespace, name, { get: () => from[name], enumerable: true, configurable: true })
  }
}

/** As Node shows a CommonJS module to `import`. */
function showCommonJs (namespace: Record<string, unknown>, exports: unknown): void {
  if ((typeof exports === 'object' || typeof exports === 'function') && exports !== null) {
    for (const name of Object.keys(exports)) if (name !== 'default') namespace[name] = Reflect.get(exports, name)
  }
  namespace.default = exports
}
