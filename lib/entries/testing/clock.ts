// A clock that stands still until a test moves it.
import type { Clock } from '../../shared/clock.js'

export interface ManualClock extends Clock {
  /** Moves time forward and runs every timer that falls due on the way, in order. */
  advance (ms: number): void
  /** Moves time forward without running timers, as when the process was stopped. */
  skip (ms: number): void
}

export function manualClock (start = 0): ManualClock {
  let time = start
  let timers: { at: number, run: () => void }[] = []
  return {
    now: () => time,
    after (ms, run) {
      const timer = { at: time + ms, run }
      timers.push(timer)
      return () => { timers = timers.filter(each => each !== timer) }
    },
    advance (ms) {
      const end = time + ms
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0]
        if (next === undefined || next.at > end) break
        timers = timers.filter(each => each !== next)
        time = Math.max(time, next.at)
        next.run()
      }
      time = Math.max(time, end)
    },
    skip (ms) { time += ms }
  }
}
