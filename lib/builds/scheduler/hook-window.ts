// Sources that change while the hooks before a build run: they belong to that build, and the hooks run again.
import { clock, type Clock } from './throttle.js'

export interface IntakeParts {
  /** Compares the sources with the disk; all that differs has been given to `changed` when it settles. */
  look (): Promise<void>
  /** These paths belong to the running build, and to the next one if it is aborted. */
  absorb (paths: readonly string[]): void
  /** A reason to build. */
  build (paths: readonly string[]): void
}

export interface Hold {
  /** What has changed since the hold began, or since the last look. */
  look (): Promise<readonly string[]>
  /** The builder starts: what changes now makes the build stale. `unseen` is a reason for another one after it. */
  close (unseen: readonly string[]): void
}

export interface Intake {
  /** Sources changed. */
  changed (paths: readonly string[]): void
  /** Hooks begin: what changes from here on is held. */
  open (): Hold
  /** The build ended, however. */
  ended (): void
}

/** A hook that goes on for so long after a change is stale, whoever made it. */
const GRACE = 1_000

export function createIntake ({ look, absorb, build }: IntakeParts, { after }: Pick<Clock, 'after'> = clock): Intake {
  let held: Set<string> | undefined
  let late: readonly string[] = []
  let undo: (() => void) | undefined

  const release = (): void => {
    const paths = [...late, ...held ?? []]
    undo?.()
    held = undefined
    late = []
    if (paths.length > 0) build(paths)
  }

  return {
    changed (paths) {
      if (held === undefined) return build(paths)
      for (const path of paths) held.add(path)
      undo?.()
      undo = after(GRACE, release)
    },

    open () {
      const mine = held = new Set<string>()
      // Another build has what was held when the hold is over.
      const isOver = (): boolean => held !== mine
      return {
        async look () {
          undo?.()
          await look()
          if (isOver()) return []
          undo?.()
          const paths = [...mine]
          mine.clear()
          absorb(paths)
          return paths
        },
        close (unseen) {
          if (isOver()) return
          undo?.()
          late = [...unseen, ...mine]
          held = undefined
        }
      }
    },

    ended: release
  }
}
