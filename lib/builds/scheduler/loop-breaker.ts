// Finds out whether a build changes what it watches, and slows it down before it eats the machine.
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'

export interface LoopParts {
  build (paths: readonly string[]): void
  /** Called once per loop that was found. */
  looping (paths: readonly string[]): void
  /** When a file was last written or removed, ms since 1970; `undefined` when nothing says so. */
  touched (path: string): number | undefined
}

export interface LoopBreaker {
  /** Sources changed. */
  changed (paths: readonly string[]): void
  started (): void
  ended (): void
  close (): void
}

/** Builds in a row, each begun by a file written while another ran, until a pause tells a person from the build itself. */
const SUSPECT = 5
/** And so many more, each after a pause in which nothing else changed: it is the build. */
const PROOF = 3
const PAUSE = 1000
/** From then on. It may be a person after all, who saved during every build: what was saved is built too, only late. */
const SLOW = 30_000
/** Clocks of a file system are this coarse. */
const COARSE = 20

/** The change time: unlike the modification time no program can set it. A removal is a change of the directory, or of the one above it. */
export function lastTouched (path: string): number | undefined {
  let [at, time] = [path, changeTime(path)]
  while (time === undefined && at !== dirname(at)) {
    at = dirname(at)
    time = changeTime(at)
  }
  return time
}

function changeTime (path: string): number | undefined {
  try {
    return lstatSync(path).ctimeMs
  } catch {
    // Gone, or out of reach: a file may be where its directory was.
    return undefined
  }
}

export function createLoopBreaker (parts: LoopParts): LoopBreaker {
  const held = new Set<string>()
  // When builds ran: events come late, but files say when they were written.
  const runs: { from: number, to: number }[] = []
  let timer: NodeJS.Timeout | undefined
  let own = false
  let streak = 0
  let told = false

  const isOwn = (path: string): boolean => {
    const at = parts.touched(path) ?? Date.now()
    return runs.some(({ from, to }) => at >= from - COARSE && at <= to + COARSE)
  }

  const release = (): void => {
    clearTimeout(timer)
    timer = undefined
    told = false
    const paths = [...held]
    held.clear()
    parts.build(paths)
  }

  const wait = (ms = PAUSE): void => {
    clearTimeout(timer)
    timer = setTimeout(() => runs.at(-1)?.to === Infinity ? wait() : release(), ms)
    timer.unref()
  }

  return {
    changed (paths) {
      for (const path of paths) held.add(path)
      if (!paths.slice(0, 100).every(isOwn)) {
        streak = 0
        own = false
        return release()
      }
      own = true
      if (streak < SUSPECT) return release()
      if (streak < SUSPECT + PROOF) return wait()
      if (!told) parts.looping(paths)
      told = true
      wait(SLOW)
    },

    started () {
      streak = own ? streak + 1 : 0
      own = false
      runs.push({ from: Date.now(), to: Infinity })
      if (runs.length > 10) runs.shift()
    },

    ended () {
      const last = runs.at(-1)
      if (last !== undefined) last.to = Date.now()
    },

    close: () => clearTimeout(timer)
  }
}
