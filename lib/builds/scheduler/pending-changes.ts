// Changes that wait until they may be shown, and the builds that may have written them.
import type { BuildResult } from '../../../types/build.js'
import type { ChangeType } from '../../../types/change.js'

interface Seen {
  readonly path: string
  readonly type: ChangeType
  readonly source: 'output' | 'watch'
}

export interface Held<C extends Seen> {
  /** No build runs. */
  readonly idle: boolean
  started (name: string): void
  /** Without a result: aborted, and the next one begins. */
  ended (name: string, result: BuildResult | undefined): void
  add (change: C): void
  /** What no build can have written that runs, or has failed; it is held no longer. */
  take (): C[]
}

export function createHeld<C extends Seen> (): Held<C> {
  const entries = new Map<string, { change: C, created: boolean, by: readonly string[] }>()
  const running = new Set<string>()
  /** Since the last build that ended well, and left none running. */
  const failed = new Set<string>()
  const isOpen = (name: string): boolean => running.has(name) || failed.has(name)

  return {
    get idle () { return running.size === 0 },

    started (name) { running.add(name) },

    ended (name, result) {
      running.delete(name)
      if (result === undefined) return
      if (!result.ok) {
        failed.add(name)
        return
      }
      failed.delete(name)
      if (running.size === 0) failed.clear()
      const written = new Set(result.outputs)
      for (const entry of entries.values()) if (written.has(entry.change.path)) entry.by = []
    },

    add (change) {
      const key = `${change.source} ${change.path}`
      const created = entries.get(key)?.created ?? change.type === 'create'
      // What a build takes out first and then writes anew has changed, no more.
      const type = change.type === 'delete' ? change.type : created ? 'create' : 'update'
      entries.set(key, { change: { ...change, type }, created, by: change.source === 'watch' ? [] : [...running] })
    },

    take () {
      const free = [...entries].filter(([, { by }]) => !by.some(isOpen))
      for (const [key] of free) entries.delete(key)
      return free.map(([, { change }]) => change)
    }
  }
}
