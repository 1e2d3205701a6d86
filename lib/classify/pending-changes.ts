// Changes that wait until pages may show them, and the builds that may have written them.
import type { BuildResult } from '../../types/build.js'
import type { ChangeType } from '../../types/change.js'

interface FileChange {
  readonly path: string
  readonly type: ChangeType
  readonly source: 'output' | 'watch'
}

export class PendingChanges<C extends FileChange> {
  readonly #entries = new Map<string, { change: C, isNew: boolean, writers: readonly string[] }>()

  /** `writers`: builds that may have written the file. It waits until each of them has ended well. */
  add (change: C, writers: readonly string[]): void {
    const key = `${change.source} ${change.path}`
    const isNew = this.#entries.get(key)?.isNew ?? change.type === 'create'
    // A file that a build removes and then writes again is an update.
    const type = change.type === 'delete' ? 'delete' : isNew ? 'create' : 'update'
    this.#entries.set(key, { change: { ...change, type }, isNew, writers })
  }

  /** A build ended. After a good one, what it wrote may be shown; after the last good one, all that is there. */
  release (name: string, result: BuildResult, running: readonly string[]): void {
    if (!result.ok) return
    const outputs = new Set(result.outputs)
    for (const entry of this.#entries.values()) {
      const isFree = running.length === 0 || outputs.has(entry.change.path)
      entry.writers = isFree ? [] : entry.writers.filter(writer => writer !== name)
    }
  }

  /** These outputs wait for no build any more. */
  free (outputs: readonly string[]): void {
    const freed = new Set(outputs)
    for (const entry of this.#entries.values()) if (freed.has(entry.change.path)) entry.writers = []
  }

  /** Removes and returns the changes that wait for no build. */
  take (): C[] {
    const free = [...this.#entries].filter(([, { writers }]) => writers.length === 0)
    for (const [key] of free) this.#entries.delete(key)
    return free.map(([, { change }]) => change)
  }
}
