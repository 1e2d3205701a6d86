// Compares the index with the disk when events may have been lost: after doubt, after the process was stopped, and when idle.
import type { Clock } from '../../shared/clock.js'

/** Between two runs of the cheap checks: roots, links, rules above the roots. */
const TICK_MS = 250
/** A tick this much too late means that the process, or the machine, was stopped. */
const STOPPED_MS = 1500
/** Between two audits when nothing happens. */
const IDLE_MS = 45_000
/** After an audit the next one waits this many times as long as it took, in doubt and when idle. */
const DOUBT_PAUSE_FACTOR = 10
const IDLE_PAUSE_FACTOR = 200
/** Background work runs for this long, then pauses. */
const SLICE_MS = 3
const PAUSE_MS = 12

export interface AuditSettings {
  readonly clock: Clock
  /** True while changes are gathered: an audit in doubt waits. */
  isBusy (): boolean
  onTick (): void
  /** Compares everything that depends on events. */
  scan (): Promise<unknown>
  onError (error: unknown): void
}

export class Audit {
  readonly #settings: AuditSettings
  #cancel: (() => void) | undefined
  #lastTickAt = 0
  /** The next audit when idle, and the earliest one in doubt. */
  #idleAuditAt = 0
  #doubtAuditAt = 0
  #doubtful = false
  #scanning = false
  #closed = false

  constructor (settings: AuditSettings) {
    this.#settings = settings
  }

  start (): void {
    this.#lastTickAt = this.#settings.clock.now()
    this.#idleAuditAt = this.#lastTickAt + IDLE_MS
    this.#schedule()
  }

  /** Events may have been lost: everything is compared as soon as it is quiet. */
  doubt (): void {
    this.#doubtful = true
  }

  /** Runs work that can wait, a little at a time. */
  runInBackground (steps: Iterator<unknown>): void {
    const until = performance.now() + SLICE_MS
    try {
      while (!this.#closed && performance.now() < until) if (steps.next().done) return
    } catch (error) {
      return this.#settings.onError(error)
    }
    if (!this.#closed) this.#settings.clock.after(PAUSE_MS, () => this.runInBackground(steps))
  }

  close (): void {
    this.#closed = true
    this.#cancel?.()
  }

  #schedule (): void {
    if (!this.#closed) this.#cancel = this.#settings.clock.after(TICK_MS, () => this.#tick())
  }

  #tick (): void {
    const now = this.#settings.clock.now()
    if (now - this.#lastTickAt > TICK_MS + STOPPED_MS) this.#doubtful = true
    this.#lastTickAt = now
    this.#settings.onTick()
    const due = now > this.#idleAuditAt || (this.#doubtful && now > this.#doubtAuditAt && !this.#settings.isBusy())
    if (due && !this.#scanning) this.#scan()
    this.#schedule()
  }

  async #scan (): Promise<void> {
    this.#scanning = true
    this.#doubtful = false
    const { clock, scan } = this.#settings
    const began = clock.now()
    await scan()
    const end = clock.now()
    this.#idleAuditAt = end + Math.max(IDLE_MS, (end - began) * IDLE_PAUSE_FACTOR)
    this.#doubtAuditAt = end + (end - began) * DOUBT_PAUSE_FACTOR
    this.#scanning = false
  }
}
