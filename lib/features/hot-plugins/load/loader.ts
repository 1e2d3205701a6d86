// Loads plugins: a file is imported by Node first, and evaluated as a function once it, or a file that it imports, has changed.
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Graph, Import } from '../graph/graph.js'
import { scan } from '../graph/scan.js'
import { compile } from './compile.js'
import type { Esbuild } from './esbuild.js'
import { createInstance, evaluate, type Instance } from './evaluate.js'

type Namespace = Record<string, unknown>

export interface LoaderParts {
  readonly esbuild: Esbuild
  readonly graph: Graph
  readonly cwd: string
  /** Absolute paths that are never evaluated again. */
  readonly external: ReadonlySet<string>
}

/** What one attempt to load a plugin makes. */
interface Draft {
  readonly made: Map<string, Instance>
  /** Dynamic imports that are running. */
  readonly late: Map<string, Promise<Namespace>>
  isCommitted: boolean
}

/** What one attempt to load a plugin has made. Nothing of it counts before `commit()`. */
export interface Loaded {
  readonly namespace: Namespace
  commit (): void
}

export class Loader {
  readonly #parts: LoaderParts
  readonly #instances = new Map<string, Instance>()
  readonly #stale = new Set<string>()

  constructor (parts: LoaderParts) {
    this.#parts = parts
  }

  /** These files, and all that import them, are evaluated again when a plugin needs them. Returns them all. */
  markStale (files: Iterable<string>): Set<string> {
    const found = this.#parts.graph.dependents(files, this.#parts.external)
    for (const file of found) this.#stale.add(file)
    return found
  }

  /** Whether plugins import this file, directly or not. */
  isSource (file: string): boolean {
    return this.#parts.graph.get(file) !== undefined
  }

  /** Looks up what the plugin imports now. @throws what esbuild throws */
  async scan (entry: string): Promise<void> {
    this.#parts.graph.update(await scan(this.#parts.esbuild, entry, this.#parts.cwd))
  }

  async load (entry: string): Promise<Loaded> {
    const draft: Draft = { made: new Map(), late: new Map(), isCommitted: false }
    const namespace = await this.#import(entry, draft)
    return {
      namespace,
      commit: () => {
        draft.isCommitted = true
        for (const [file, instance] of draft.made) this.#keep(file, instance)
      }
    }
  }

  /** Drops what no plugin imports any more. */
  prune (entries: readonly string[]): void {
    const { graph } = this.#parts
    graph.prune(entries)
    const kept = new Set(entries.flatMap(entry => [...graph.reachable(entry)]))
    for (const file of [...this.#instances.keys()]) if (!kept.has(file)) this.#instances.delete(file)
  }

  #keep (file: string, instance: Instance): void {
    this.#instances.set(file, instance)
    this.#stale.delete(file)
  }

  async #import (file: string, draft: Draft): Promise<Namespace> {
    const made = draft.made.get(file) ?? (this.#stale.has(file) ? undefined : this.#instances.get(file))
    if (made !== undefined) return made.namespace
    if (!this.#stale.has(file)) {
      try {
        return await importNative(file)
      } catch (error) {
        // Node keeps a module that failed, and fails again when it is asked.
        this.#stale.add(file)
        if (this.#parts.graph.get(file) === undefined) throw error
      }
    }
    return this.#evaluate(file, draft)
  }

  async #evaluate (file: string, draft: Draft): Promise<Namespace> {
    const instance = createInstance(this.#parts.graph.get(file)?.format === 'cjs')
    draft.made.set(file, instance)
    try {
      await this.#run(file, instance, draft)
    } catch (error) {
      draft.made.delete(file)
      throw error
    }
    if (draft.isCommitted) this.#keep(file, instance)
    return instance.namespace
  }

  async #run (file: string, instance: Instance, draft: Draft): Promise<void> {
    const { esbuild, graph, cwd } = this.#parts
    // Otherwise stacks would name lines of the compiled code.
    process.setSourceMapsEnabled(true)
    const { imports = [] } = graph.get(file) ?? {}
    const [compiled] = await Promise.all([compile(esbuild, file, cwd), importAll(imports, one => this.#import(one, draft))])
    const known = new Map(imports.filter(({ kind }) => kind !== 'dynamic').map(one => [one.specifier, one]))
    await evaluate(file, compiled, instance, specifier => this.#require(file, specifier, known.get(specifier), imports, draft))
  }

  /** A static import was loaded before; a dynamic one is a promise, which esbuild's code awaits. */
  #require (from: string, specifier: string, known: Import | undefined, imports: readonly Import[], draft: Draft): unknown {
    if (known === undefined) return this.#importLate(from, specifier, imports, draft)
    const { file, url, kind } = known
    const instance = file === undefined ? undefined : draft.made.get(file) ?? this.#instances.get(file)
    if (kind === 'require') return instance === undefined ? createRequire(from)(specifier) as unknown : instance.module?.exports ?? instance.namespace
    return instance?.namespace ?? NATIVE.get(file === undefined ? url ?? specifier : pathToFileURL(file).href)
  }

  async #importLate (from: string, specifier: string, imports: readonly Import[], draft: Draft): Promise<unknown> {
    const found = imports.find(one => one.specifier === specifier)
    const file = found === undefined ? await this.#discover(from, specifier) : found.file
    if (file === undefined) return await import(found?.url ?? specifier)
    // Who asks while it is evaluated waits, too. After a failure the next one tries again.
    const running = draft.late.get(file) ?? this.#import(file, draft).finally(() => { draft.late.delete(file) })
    draft.late.set(file, running)
    return running
  }

  /** A file that only the running code names. */
  async #discover (from: string, specifier: string): Promise<string | undefined> {
    if (!/^(?:\.{0,2}\/|file:)/.test(specifier)) return undefined
    const file = fileURLToPath(new URL(specifier, pathToFileURL(from)))
    if (this.#parts.graph.get(file) === undefined) await this.scan(file)
    this.#parts.graph.add(from, specifier, file)
    return file
  }
}

/** Namespaces that Node has given, so that a function that cannot wait finds them. They live as long as the process anyway. */
const NATIVE = new Map<string, Namespace>()

async function importNative (file: string): Promise<Namespace> {
  return importUrl(pathToFileURL(file).href)
}

async function importUrl (url: string): Promise<Namespace> {
  const known = NATIVE.get(url)
  if (known !== undefined) return known
  const namespace = await (url.endsWith('.json') ? import(url, { with: { type: 'json' } }) : import(url)) as Namespace
  NATIVE.set(url, namespace)
  return namespace
}

/** One after the other, as Node evaluates them. */
async function importAll (imports: readonly Import[], load: (file: string) => Promise<unknown>): Promise<void> {
  for (const { kind, file, url, specifier } of imports) {
    if (kind === 'dynamic' || (kind === 'require' && file === undefined)) continue
    await (file === undefined ? importUrl(url ?? specifier) : load(file))
  }
}
