// A lone save is built at once; a stream of saves is gathered, so that it does not start a build at every save.
export interface Clock {
  now (): number
  /** Gives its own undo back. */
  after (ms: number, run: () => void): () => void
}

export interface Pace {
  changed (paths: readonly string[]): void
  close (): void
}

/** Changes that follow each other within this are one stream. */
const STREAM = 500
/** So many of a stream are built at once: a person, an editor and a formatter. */
const FREE = 3
/** The rest waits for so long a pause, */
const PAUSE = 250
/** and never longer than this. */
const CAP = 600

export const clock: Clock = {
  now: () => performance.now(),
  after (ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  }
}

export function createPace (build: (paths: readonly string[]) => void, { now, after } = clock): Pace {
  const held = new Set<string>()
  let undo: (() => void) | undefined
  let count = 0
  let first = 0
  let last = -Infinity

  const release = (): void => {
    undo?.()
    undo = undefined
    const paths = [...held]
    held.clear()
    build(paths)
  }

  return {
    changed (paths) {
      const at = now()
      count = at - last < STREAM ? count + 1 : 1
      last = at
      for (const path of paths) held.add(path)
      if (count <= FREE) return release()
      if (undo === undefined) first = at
      undo?.()
      undo = after(Math.min(PAUSE, Math.max(0, first + CAP - at)), release)
    },

    close () { undo?.() }
  }
}
