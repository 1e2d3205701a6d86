// When status pages are told: soon after something happened, now and then anyway, and never while nobody looks.

export interface Live {
  /** Something happened. */
  news (): void
  /** Somebody looks from here on. */
  now (): void
  close (): void
}

export interface LiveParts {
  watched (): boolean
  tell (): void
}

/** Milliseconds: a burst is one picture, and what has no event (the state of a watch) is seen in time. */
const SOON = 100
const ANYWAY = 2000

export function createLive ({ watched, tell }: LiveParts): Live {
  let timer: NodeJS.Timeout | undefined
  let due = Infinity

  function plan (ms: number): void {
    clearTimeout(timer)
    due = performance.now() + ms
    timer = setTimeout(now, ms).unref()
  }
  function stop (): void {
    clearTimeout(timer)
    due = Infinity
  }
  function now (): void {
    stop()
    if (!watched()) return
    tell()
    plan(ANYWAY)
  }

  return {
    news () {
      if (due !== Infinity && due > performance.now() + SOON) plan(SOON)
    },
    now,
    close: stop
  }
}
