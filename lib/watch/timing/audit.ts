// Compares the index with the disk when events may have been lost: after doubt, after the process was stopped, and when idle.
import type { Root } from '../root/root.js'

/** Milliseconds. */
const TIMES = {
  /** Between two looks at what is cheap: roots, links, rules above them. */
  tick: 250,
  /** A timer that much too late means that the process, or the machine, was stopped. */
  gap: 1500,
  /** Between two audits when nothing happens. */
  idle: 45_000
}
/** An audit may take at most this part of the time: in doubt, when idle. */
const DOUBT_SHARE = 10
const IDLE_SHARE = 200
/** Work at low priority: so long at once, then a pause. */
const SLICE = 3
const REST = 12

export interface AuditSettings {
  readonly roots: readonly Root[]
  /** Changes are being gathered: it is not the moment. */
  busy (): boolean
  tick (): void
}

export interface Audit {
  start (): void
  /** Events may have been lost: look as soon as it is quiet. */
  doubt (): void
  /** Runs work that can wait. */
  idle (steps: Iterator<unknown>): Promise<void>
  close (): void
}

export function createAudit ({ roots, busy, tick }: AuditSettings, times = TIMES): Audit {
  let timer: NodeJS.Timeout | undefined
  let last = performance.now()
  let due = 0
  let doubtful = false
  let free = 0
  let running = false
  let closed = false
  const isClosed = (): boolean => closed

  function step (): void {
    const now = performance.now()
    if (now - last > times.tick + times.gap) doubtful = true
    last = now
    tick()
    if (!running && ((doubtful && now > free && !busy()) || now > due)) look()
  }

  async function look (): Promise<void> {
    running = true
    doubtful = false
    const began = performance.now()
    for (const root of roots) if (root.native()) await root.scan()
    const end = performance.now()
    due = end + Math.max(times.idle, (end - began) * IDLE_SHARE)
    free = end + (end - began) * DOUBT_SHARE
    running = false
  }

  return {
    start () {
      if (closed) return
      last = performance.now()
      due = last + times.idle
      timer = setInterval(step, times.tick).unref()
    },
    doubt () { doubtful = true },
    async idle (steps) {
      for (let over = false; !over && !isClosed();) {
        const until = performance.now() + SLICE
        while (!over && performance.now() < until) over = steps.next().done === true
        await new Promise(resolve => setTimeout(resolve, REST).unref())
      }
    },
    close () {
      closed = true
      clearInterval(timer)
    }
  }
}
