// Runs a compiled file, and makes what importers see of it: one object from the start, so that cycles and live bindings work.
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Compiled } from './compile.js'

/** What a file exports. */
export interface Instance {
  /** As `import` sees it. */
  readonly namespace: Record<string, unknown>
  /** As `require()` sees it, of a CommonJS file. */
  readonly module?: { exports: unknown }
}

type Require = (specifier: string) => unknown
type Run = (...parameters: unknown[]) => unknown

const COMMON_JS = 'exports, module, require, __filename, __dirname'
/** A module may have variables of its own named `__dirname` and the like. */
const MODULE = 'exports, module, require, __hot_meta, __hot_export, __toESM, __toCommonJS, __reExport'

export function createInstance (isCommonJs: boolean): Instance {
  const namespace = Object.defineProperty({}, Symbol.toStringTag, { value: 'Module' })
  return isCommonJs ? { namespace, module: { exports: {} } } : { namespace }
}

export async function evaluate (file: string, { code, isAsync }: Compiled, instance: Instance, require: Require): Promise<void> {
  const { namespace, module } = instance
  const url = pathToFileURL(file)
  const meta = { url: url.href, filename: file, dirname: dirname(file), main: false, resolve: (specifier: string) => specifier.startsWith('.') ? new URL(specifier, url).href : import.meta.resolve(specifier) }
  // The name is the same for every version: Node keeps one source map for each. `?hot` tells it from the file that Node itself has loaded.
  // Code of the project itself, as `import()` would run it; that is never collected.
  // eslint-disable-next-line no-eval
  const run = (0, eval)(`(${isAsync ? 'async ' : ''}function (${module === undefined ? `${MODULE}) {"use strict";` : `${COMMON_JS}) {`}${code}\n})\n//# sourceURL=${url.href}?hot`) as Run
  const parameters = module === undefined
    ? [namespace, { get exports () { return namespace }, set exports (_value) {} }, require, meta, define(namespace), same, toCommonJs(namespace), reExport(namespace)]
    : [module.exports, module, require, file, dirname(file)]
  await run.apply(module?.exports, parameters)
  if (module !== undefined) showCommonJs(namespace, module.exports)
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
