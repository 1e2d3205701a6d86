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

const NONE: ReadonlySet<string> = new Set()

export class Graph {
  readonly #files = new Map<string, GraphFile>()
  /** What running code has imported under computed names. No scan finds that, so none may drop it. */
  readonly #seen = new Map<string, Set<string>>()

  get (file: string): GraphFile | undefined {
    return this.#files.get(file)
  }

  /** Takes what a scan of one plugin found. */
  update (files: ReadonlyMap<string, GraphFile>): void {
    for (const [path, file] of files) this.#files.set(path, file)
  }

  /** An import that was seen while the code ran. True when it is a new one. */
  add (from: string, file: string): boolean {
    if (!this.#files.has(from)) return false
    const seen = this.#seen.get(from) ?? new Set()
    if (seen.has(file)) return false
    this.#seen.set(from, seen.add(file))
    return true
  }

  /** What such imports were. */
  seen (from: string): ReadonlySet<string> {
    return this.#seen.get(from) ?? NONE
  }

  /** A file and all that it imports, directly or not. */
  reachable (entry: string): Set<string> {
    const found = new Set([entry])
    for (const path of found) for (const file of this.#importsOf(path)) found.add(file)
    return found
  }

  /** These files and all that import them, directly or not. `stopAt`: files whose importers keep what they have. */
  dependents (changed: Iterable<string>, stopAt: ReadonlySet<string>): Set<string> {
    const importers = new Map<string, string[]>()
    for (const path of this.#files.keys()) {
      for (const file of this.#importsOf(path)) importers.set(file, [...importers.get(file) ?? [], path])
    }
    const found = new Set<string>()
    for (const path of changed) if (!stopAt.has(path)) found.add(path)
    for (const path of found) {
      for (const importer of importers.get(path) ?? []) if (!stopAt.has(importer)) found.add(importer)
    }
    return found
  }

  /** Forgets files that no entry leads to, and returns them. */
  prune (entries: Iterable<string>): string[] {
    const kept = new Set([...entries].flatMap(entry => [...this.reachable(entry)]))
    const dropped = [...this.#files.keys()].filter(path => !kept.has(path))
    for (const path of dropped) {
      this.#files.delete(path)
      this.#seen.delete(path)
    }
    return dropped
  }

  #importsOf (path: string): string[] {
    const written = this.#files.get(path)?.imports.flatMap(({ file }) => file === undefined ? [] : [file]) ?? []
    return [...written, ...this.seen(path)]
  }
}
