// Names of libraries -> every file that they reach: from module to module, as a browser would load them.
import { isBuiltin } from 'node:module'
import { dirname } from 'node:path'
import { errors } from '../../errors.js'
import { shortenPath } from '../../shared/paths.js'
import { readModule, type Module } from './module.js'
import { createResolve, isInstalled, packageNameOf, readPackage, rootOf, type Package, type Resolve } from './packages.js'

export interface TracedModule {
  readonly file: string
  readonly package: Package
  readonly content: Buffer
  /** The file of each specifier; `false` for one that browsers do not need. */
  readonly imports: ReadonlyMap<string, string | false>
}

export interface Trace {
  /** The file of each library. */
  readonly entries: ReadonlyMap<string, string>
  readonly modules: ReadonlyMap<string, TracedModule>
}

export interface TraceOptions {
  /** Names are resolved from here. */
  readonly cwd: string
  /** Takes what packages have for development. */
  readonly development: boolean
}

/** @throws FST_LIVE_RELOAD_INVALID_LIBRARY */
export function traceLibraries (names: readonly string[], { cwd, development }: TraceOptions): Trace {
  const resolve = createResolve(development)
  const packages = new Map<string, Package>()
  const entries = new Map<string, string>()
  const modules = new Map<string, TracedModule>()
  for (const name of names) {
    const tracer = new Tracer(name, cwd, resolve)
    const entry = tracer.resolveEntry()
    entries.set(name, entry)
    const left = [entry]
    for (let file = left.pop(); file !== undefined; file = left.pop()) {
      if (modules.has(file)) continue
      const { content, imports } = tracer.read(file)
      const root = rootOf(file)
      const one = packages.get(root) ?? readPackage(root)
      packages.set(root, one)
      const resolved = tracer.resolveAll(file, imports)
      modules.set(file, { file, package: one, content, imports: resolved })
      left.push(...[...resolved.values()].filter(target => target !== false))
    }
  }
  return { entries, modules }
}

/** What one library reaches, and what is said when that is nothing for browsers. */
class Tracer {
  readonly #name: string
  readonly #cwd: string
  readonly #resolve: Resolve

  constructor (name: string, cwd: string, resolve: Resolve) {
    this.#name = name
    this.#cwd = cwd
    this.#resolve = resolve
  }

  resolveEntry (): string {
    const owner = packageNameOf(this.#name)
    if (!isInstalled(owner, this.#cwd)) throw this.#refuse(`is not installed: npm install ${owner}`)
    try {
      const file = this.#resolve(this.#name, this.#cwd)
      if (file !== false) return file
    } catch (error) {
      throw this.#refuse(`has no module of this name for browsers: ${this.#firstLine(error)}`)
    }
    throw this.#refuse('says itself that it is not for browsers')
  }

  read (file: string): Module {
    const module = readModule(file)
    if (typeof module === 'object') return module
    const way = module === 'is CommonJS' ? ': browsers import ES modules only. Take a version that has them, or bundle it' : ''
    throw this.#refuse(`needs ${shortenPath(this.#cwd, file)}, which ${module}${way}`)
  }

  resolveAll (file: string, imports: Module['imports']): Map<string, string | false> {
    const resolved = new Map<string, string | false>()
    for (const { specifier, dynamic } of imports) {
      try {
        resolved.set(specifier, this.#resolve(specifier, dirname(file)))
      } catch (error) {
        // What is loaded later may be for somewhere else.
        if (!dynamic) throw this.#missing(specifier, file, error)
      }
    }
    return resolved
  }

  #missing (specifier: string, file: string, error: unknown): Error {
    const needs = `imports "${specifier}" in ${shortenPath(this.#cwd, file)}, which`
    if (isBuiltin(specifier)) return this.#refuse(`${needs} only Node.js has`)
    const owner = packageNameOf(specifier)
    if (/^[.#]/.test(specifier) || isInstalled(owner, dirname(file))) return this.#refuse(`${needs} cannot be found: ${this.#firstLine(error)}`)
    return this.#refuse(`${needs} is not installed: npm install ${owner}`)
  }

  #firstLine (error: unknown): string {
    return (error as Error).message.split('\n', 1).join().replaceAll(this.#cwd, '.')
  }

  #refuse (reason: string): Error {
    return new errors.FST_LIVE_RELOAD_INVALID_LIBRARY(this.#name, reason)
  }
}
