// Loads plugins: a file is imported by Node first, and evaluated as a function once it, or a file that it imports, has changed.
import { sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isWithin } from '../../../shared/paths.js'
import type { Graph, Import } from '../graph/graph.js'
import { scan } from '../graph/scan.js'
import { compile, compileNow, type Compiled, type CompileParts } from './compile.js'
import { asLate, createInstance, evaluate, toExports, type Instance } from './evaluate.js'
import { importNative, importNativeNow, type Namespace } from './native.js'
import { createHotRequire } from './require.js'

export interface LoaderParts extends CompileParts {
  readonly graph: Graph
  /** Absolute paths that are never evaluated again. */
  readonly external: ReadonlySet<string>
  /** Running code has imported a file that was not known. */
  onFound (): void
}

/** What one attempt to load a plugin makes. */
interface Draft {
  /** What it has, its own and that of others: it keeps that when the files change. */
  readonly made: Map<string, Instance>
  /** Files that it has from Node. */
  readonly native: Set<string>
  /** Of files that may be required, now or much later. Each gives its code or throws why there is none. */
  readonly compiled: Map<string, () => Compiled>
  /** Dynamic imports that are running. */
  readonly late: Map<string, Promise<Namespace>>
  /** How often files were marked before. */
  readonly marks: number
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
  /** Of each file the number of its latest mark: what was begun before may be made of older code. */
  readonly #stale = new Map<string, number>()
  #marks = 0

  constructor (parts: LoaderParts) {
    this.#parts = parts
  }

  /** These files, and all that import them, are evaluated again when a plugin needs them. Returns them all. */
  markStale (files: Iterable<string>): Set<string> {
    const found = this.#parts.graph.dependents(files, this.#parts.external)
    this.#mark(found)
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
    const draft: Draft = { made: new Map(), native: new Set(), compiled: new Map(), late: new Map(), marks: this.#marks, isCommitted: false }
    const namespace = await this.#import(entry, entry, draft)
    return {
      namespace,
      commit: () => {
        draft.isCommitted = true
        for (const [file, instance] of draft.made) this.#keep(file, instance, draft)
      }
    }
  }

  /** Drops what no plugin imports any more. Who imports it again gets it from the disk: the copy that Node has is of the start. */
  prune (entries: readonly string[]): void {
    const dropped = this.#parts.graph.prune(entries)
    for (const file of dropped) this.#instances.delete(file)
    this.#mark(dropped)
  }

  #mark (files: Iterable<string>): void {
    this.#marks++
    for (const file of files) this.#stale.set(file, this.#marks)
  }

  /** Old versions load files late, too, and what they make is for themselves alone once the file has changed. */
  #keep (file: string, instance: Instance, { marks }: Draft): void {
    if ((this.#stale.get(file) ?? 0) > marks) return
    this.#instances.set(file, instance)
    this.#stale.delete(file)
  }

  /** `undefined`: Node has what is wanted. */
  #find (file: string, draft: Draft): Instance | 'none' | undefined {
    const known = draft.made.get(file) ?? (this.#stale.has(file) ? undefined : this.#instances.get(file))
    if (known !== undefined) draft.made.set(file, known)
    else if (this.#stale.has(file) && !draft.native.has(file)) return 'none'
    else draft.native.add(file)
    return known
  }

  async #import (file: string, from: string, draft: Draft): Promise<Namespace> {
    const made = this.#find(file, draft)
    if (made === undefined) {
      try {
        return await importNative(pathToFileURL(file).href, from)
      } catch (error) {
        // Node keeps a module that failed, and fails again when it is asked.
        this.#stale.set(file, 0)
        draft.native.delete(file)
        if (this.#parts.graph.get(file) === undefined) throw error
      }
    } else if (made !== 'none') return made.namespace
    return this.#evaluate(file, draft)
  }

  async #evaluate (file: string, draft: Draft): Promise<Namespace> {
    const { imports = [] } = this.#parts.graph.get(file) ?? {}
    const instance = this.#begin(file, draft)
    try {
      await Promise.all([this.#compile(file, draft), importAll(imports, file, one => this.#import(one, file, draft))])
      await this.#run(file, instance, imports, draft)
    } catch (error) {
      draft.made.delete(file)
      throw error
    }
    if (draft.isCommitted) this.#keep(file, instance, draft)
    return instance.namespace
  }

  /** For who cannot wait; `undefined`: Node has what is wanted. */
  #evaluateNow (file: string, draft: Draft): Instance | undefined {
    const made = this.#find(file, draft)
    if (made !== 'none') return made
    const { imports = [] } = this.#parts.graph.get(file) ?? {}
    const instance = this.#begin(file, draft)
    try {
      this.#run(file, instance, imports, draft, true)
    } catch (error) {
      draft.made.delete(file)
      throw error
    }
    if (draft.isCommitted) this.#keep(file, instance, draft)
    return instance
  }

  #begin (file: string, draft: Draft): Instance {
    // Otherwise stacks would name lines of the compiled code.
    process.setSourceMapsEnabled(true)
    const known = this.#parts.graph.get(file)
    const instance = createInstance(file, known === undefined || known.format === 'cjs')
    draft.made.set(file, instance)
    return instance
  }

  /** With all that it may require: that is evaluated when it is required, which may be never, and then there is no time to wait. */
  async #compile (file: string, draft: Draft): Promise<void> {
    const { graph } = this.#parts
    const wanted = new Set([file])
    for (const path of wanted) {
      for (const one of graph.get(path)?.imports ?? []) {
        const isNeeded = one.kind === 'require' || (one.kind === 'static' && path !== file)
        if (one.file !== undefined && isNeeded && this.#stale.has(one.file)) wanted.add(one.file)
      }
      for (const one of graph.seen(path)) if (this.#stale.has(one)) wanted.add(one)
    }
    await Promise.all([...wanted].filter(path => !draft.compiled.has(path)).map(async path => {
      const get = await compile(this.#parts, path).then(compiled => () => compiled, (error: Error) => () => { throw error })
      draft.compiled.set(path, get)
    }))
  }

  #run (file: string, instance: Instance, imports: readonly Import[], draft: Draft, isUrgent = false): Promise<void> | undefined {
    const compiled = draft.compiled.get(file)?.() ?? compileNow(this.#parts, file)
    if (isUrgent && compiled.isAsync) throw new Error(`${file} awaits at its top level and cannot be required: use import()`)
    const known = new Map(imports.flatMap(one => one.kind === 'static' ? [[one.specifier, one]] : []))
    return evaluate(file, compiled, instance, {
      import: specifier => {
        const one = known.get(specifier)
        return one === undefined ? asLate(this.#importLate(file, specifier, imports, draft)) : this.#importNow(file, one, draft)
      },
      require: createHotRequire({
        from: file,
        known: specifier => imports.find(one => one.kind === 'require' && one.specifier === specifier),
        evaluated: one => toExports(this.#evaluateNow(one, draft)),
        isOwn: (specifier, one) => this.#isOwn(specifier, one),
        noticed: one => this.#notice(file, one)
      })
    })
  }

  /** Statically: it was loaded before, unless who imports it was required. */
  #importNow (from: string, { file, url, specifier }: Import, draft: Draft): Namespace {
    const instance = file === undefined ? undefined : this.#evaluateNow(file, draft)
    return instance?.namespace ?? importNativeNow(file === undefined ? url ?? specifier : pathToFileURL(file).href, from)
  }

  async #importLate (from: string, specifier: string, imports: readonly Import[], draft: Draft): Promise<Namespace> {
    const found = imports.find(one => one.specifier === specifier)
    const file = found === undefined ? await this.#discover(from, specifier) : found.file
    if (file === undefined) return importNative(found?.url ?? specifier, from)
    // Who asks while it is evaluated waits, too. After a failure the next one tries again.
    const running = draft.late.get(file) ?? this.#import(file, from, draft).finally(() => { draft.late.delete(file) })
    draft.late.set(file, running)
    return running
  }

  /** A file that only the running code names. */
  async #discover (from: string, specifier: string): Promise<string | undefined> {
    if (!/^(?:\.{0,2}\/|file:)/.test(specifier)) return undefined
    const file = fileURLToPath(new URL(specifier, pathToFileURL(from)))
    if (this.#parts.graph.get(file) === undefined) await this.scan(file)
    if (this.#parts.graph.add(from, file)) this.#parts.onFound()
    return file
  }

  /** The same for who cannot wait. */
  #notice (from: string, file: string): void {
    const { graph, onFound } = this.#parts
    if (!graph.add(from, file)) return
    // What is wrong with it is told when it is loaded.
    const scanned = graph.get(file) === undefined ? this.scan(file).catch(() => {}) : Promise.resolve()
    scanned.then(onFound)
  }

  #isOwn (specifier: string, file: string): boolean {
    if (file.includes(`${sep}node_modules${sep}`) || file.endsWith('.node')) return false
    return /^(?:\.{0,2}[\\/]|[a-z]:[\\/])/i.test(specifier) || isWithin(this.#parts.cwd, file)
  }
}

/** One after the other, as Node evaluates them. */
async function importAll (imports: readonly Import[], from: string, load: (file: string) => Promise<unknown>): Promise<void> {
  for (const { kind, file, url, specifier } of imports) {
    if (kind !== 'static') continue
    await (file === undefined ? importNative(url ?? specifier, from) : load(file))
  }
}
