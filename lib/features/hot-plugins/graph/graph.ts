// Who imports whom: which files a change makes stale. Pure; paths are absolute.

export interface Import {
  /** As it is written in the source. */
  readonly specifier: string
  /** A file of the project; `undefined` for a package or a module of Node. */
  readonly file?: string
  /** Of a package or a module of Node; absent when it was not found. */
  readonly url?: string
  readonly kind: 'static' | 'dynamic' | 'require'
}

export interface GraphFile {
  readonly format: 'esm' | 'cjs'
  readonly imports: readonly Import[]
}

export class Graph {
  readonly #files = new Map<string, GraphFile>()

  get (file: string): GraphFile | undefined {
    return this.#files.get(file)
  }

  /** Takes what a scan of one plugin found. */
  update (files: ReadonlyMap<string, GraphFile>): void {
    for (const [path, file] of files) this.#files.set(path, file)
  }

  /** An import that was seen while the code ran. */
  add (from: string, specifier: string, file: string): void {
    const known = this.#files.get(from)
    if (known !== undefined) this.#files.set(from, { ...known, imports: [...known.imports, { specifier, file, kind: 'dynamic' }] })
  }

  /** A file and all that it imports, directly or not. */
  reachable (entry: string): Set<string> {
    const found = new Set([entry])
    for (const path of found) {
      for (const { file } of this.#files.get(path)?.imports ?? []) if (file !== undefined) found.add(file)
    }
    return found
  }

  /** These files and all that import them, directly or not. `stopAt`: files whose importers keep what they have. */
  dependents (changed: Iterable<string>, stopAt: ReadonlySet<string>): Set<string> {
    const importers = new Map<string, string[]>()
    for (const [path, { imports }] of this.#files) {
      for (const { file } of imports) if (file !== undefined) importers.set(file, [...importers.get(file) ?? [], path])
    }
    const found = new Set<string>()
    for (const path of changed) if (!stopAt.has(path)) found.add(path)
    for (const path of found) {
      for (const importer of importers.get(path) ?? []) if (!stopAt.has(importer)) found.add(importer)
    }
    return found
  }

  /** Forgets files that no entry leads to. */
  prune (entries: Iterable<string>): void {
    const kept = new Set([...entries].flatMap(entry => [...this.reachable(entry)]))
    for (const path of [...this.#files.keys()]) if (!kept.has(path)) this.#files.delete(path)
  }
}
