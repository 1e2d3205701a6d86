// Looks closely at what just changed: native events come late in a stream of saves, and half written files must end whole.
import { dirname } from 'node:path'
import type { Clock } from './batch.js'

/** Milliseconds between two looks at a few files. */
const STEP = 4
/** How long a file stays hot after its last change: longer than the native watcher holds events back. */
const FILE = 650
/** How long the directory of a new or vanished name stays hot: the rest of an atomic save comes at once. */
const AROUND = 100
const MOST = 32

export interface HotHooks {
  /** Looks at these paths now. */
  look (paths: readonly string[]): void
  /** Looks at the names of these directories, if they are few. */
  around (directories: readonly string[]): void
  /** Nothing changed in this file since the last look. */
  still (path: string): void
  /** Looks once more at many. */
  late (paths: readonly string[]): void
}

interface Heat { until: number, still: boolean }

export interface Hot {
  /** This file just changed. */
  file (path: string): void
  /** A name came or went here. */
  around (path: string): void
  close (): void
}

export function createHot ({ look, around, still, late }: HotHooks, { now, after }: Clock): Hot {
  const files = new Map<string, Heat>()
  const directories = new Map<string, number>()
  let many = new Set<string>()
  let closed = false
  let undo: (() => void) | undefined
  let undoMany: (() => void) | undefined

  function schedule (): void {
    if (closed) return
    if (files.size + directories.size > 0) undo ??= after(Math.max(STEP, files.size), step)
  }

  function step (): void {
    undo = undefined
    const time = now()
    const before = [...files.keys()]
    for (const heat of files.values()) heat.still = true
    if (directories.size > 0) around([...directories.keys()])
    look(before)
    for (const [path, until] of directories) if (until < time) directories.delete(path)
    for (const path of before) {
      // A listener may close the watch in the midst of this.
      const heat = files.get(path)
      if (heat?.still) still(path)
      if (heat !== undefined && heat.until < time) files.delete(path)
    }
    schedule()
  }

  function lateStep (): void {
    undoMany = undefined
    const paths = [...many]
    many = new Set()
    late(paths)
  }

  return {
    file (path) {
      const heat = files.get(path)
      if (heat !== undefined) Object.assign(heat, { until: now() + FILE, still: false })
      else if (files.size < MOST) files.set(path, { until: now() + FILE, still: false })
      else {
        many.add(path)
        undoMany ??= after(50, lateStep)
      }
      schedule()
    },
    around (path) {
      if (directories.size < 4) directories.set(dirname(path), now() + AROUND)
      schedule()
    },
    close () {
      closed = true
      undo?.()
      undoMany?.()
      files.clear()
      directories.clear()
    }
  }
}
