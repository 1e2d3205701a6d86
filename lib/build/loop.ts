// Finds out whether a build changes what it watches, and stops it before it eats the machine.

export interface LoopParts {
  build (paths: readonly string[]): void
  /** Called once per loop that was stopped. */
  looping (paths: readonly string[]): void
}

export interface LoopBreaker {
  /** Sources changed. */
  changed (paths: readonly string[]): void
  started (): void
  ended (): void
  close (): void
}

/** Builds in a row, each begun by changes seen while the one before ran, until a pause tells a person from the build itself. */
const SUSPECT = 5
/** And so many more, each after a pause in which nothing else changed: it is the build. */
const PROOF = 3
/** Native events may be this late: what comes so soon after a build is its own. */
const LATE = 600
const PAUSE = 1000

export function createLoopBreaker (parts: LoopParts): LoopBreaker {
  const held = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let running = false
  let ended = -Infinity
  let own = false
  let streak = 0
  let told = false

  const release = (): void => {
    clearTimeout(timer)
    timer = undefined
    const paths = [...held]
    held.clear()
    parts.build(paths)
  }

  const wait = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => running ? wait() : release(), PAUSE)
    timer.unref()
  }

  return {
    changed (paths) {
      for (const path of paths) held.add(path)
      if (!running && performance.now() - ended > LATE) {
        streak = 0
        told = own = false
        return release()
      }
      own = true
      if (streak < SUSPECT) return release()
      if (streak < SUSPECT + PROOF) return wait()
      held.clear()
      if (!told) parts.looping(paths)
      told = true
    },

    started () {
      streak = own ? streak + 1 : 0
      own = false
      running = true
    },

    ended () {
      running = false
      ended = performance.now()
    },

    close: () => clearTimeout(timer)
  }
}
