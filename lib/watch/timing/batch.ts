// Differences -> batches: a lone change at once, what follows gathered until quiet. Pure: clock and timers come in.
import type { Change } from '../../../types/change.js'
import { differs, type Print } from '../index/content.js'

/** Milliseconds without a further change after which a gathered batch goes out. */
export const QUIET = 75
/** Longest time a change waits while others keep coming. */
export const CAP = 200
/** More than a stream of saves: a checkout or a build. One batch in the end matters more than time: a reload within it would show half of it. */
export const FLOOD = 20
export const FLOOD_CAP = 2000

/** Saves that follow one another closer than this are a stream. */
const STREAM = 1000

export interface Clock {
  now (): number
  /** Gives its own undo back. Must not keep the process alive. */
  after (ms: number, run: () => void): () => void
}

export const clock: Clock = {
  now: () => performance.now(),
  after (ms, run) {
    const timer = setTimeout(run, ms).unref()
    return () => clearTimeout(timer)
  }
}

export interface Batch {
  /** One difference. `whole`: the content is surely not half written, so it may go out at once. `age`: milliseconds the event was held back. */
  note (path: string, before: Print | undefined, after: Print | undefined, whole: boolean, age: number): void
  /** The content of this path held still. */
  ripen (path: string): void
  /** A pass over the disk begins; gathered changes wait for its end. During a burst nothing goes out at once. */
  begin (burst: boolean): void
  end (burst: boolean): void
  flush (): void
  /** Changes not told yet. */
  waiting (): number
  close (): void
}

interface Entry {
  before: Print | undefined
  after: Print | undefined
  seen: number
  whole: boolean
}

export interface BatchSettings {
  /** Milliseconds; 0 is adaptive. */
  readonly debounce: number
  send (changes: readonly Change[]): void
  /** Before a debounced batch or a flood goes out: starts a last look, as a pass, whether more is coming. */
  confirm (): void
}

export function createBatch ({ debounce, send, confirm }: BatchSettings, { now, after } = clock): Batch {
  const quiet = debounce || QUIET
  const cap = debounce === 0 ? CAP : Math.max(10 * debounce, 1000)
  const entries = new Map<string, Entry>()
  let passes = 0
  let bursts = 0
  let first = 0
  let oldest = 0
  let last = -Infinity
  /** Nothing was noted or sent shortly before what is gathered now. */
  let calm = true
  let sent = -Infinity
  let confirmed = -Infinity
  let undo: (() => void) | undefined
  let closed = false

  function decide (): void {
    undo?.()
    undo = undefined
    if (entries.size === 0 || closed) return
    if (isLone()) return flush()
    if (passes > 0) return
    const flood = entries.size > FLOOD
    const late = flood ? first + Math.max(cap, FLOOD_CAP) : oldest + cap
    const wait = Math.min(last + quiet, late) - now()
    if (wait > 0) undo = after(wait, decide)
    else if ((debounce === 0 && !flood) || confirmed === last || now() >= late) flush()
    else {
      confirmed = last
      passes++
      confirm()
      passes--
      decide()
    }
  }

  function isLone (): boolean {
    if (debounce > 0 || bursts > 0 || entries.size > 2 || !calm) return false
    // New and vanished names wait: they may be the halves of an atomic save.
    for (const { before, after, whole } of entries.values()) if (!whole || before === undefined || after === undefined) return false
    return true
  }

  function flush (): void {
    undo?.()
    undo = undefined
    if (entries.size === 0 || closed) return
    const changes = [...entries].map(([path, { before, after, seen }]): Change =>
      ({ path, type: before === undefined ? 'create' : after === undefined ? 'delete' : 'update', seen }))
    entries.clear()
    sent = now()
    calm = false
    send(changes)
  }

  return {
    note (path, before, after, whole, age) {
      const known = entries.get(path)
      if (now() - Math.max(last, sent) >= QUIET) calm = true
      last = now()
      if (entries.size === 0) first = oldest = last
      // Only what follows something sent a moment ago was held back; else the age is that of a burst, or of a busy event loop.
      if (last - sent < STREAM) oldest = Math.min(oldest, last - age)
      if (known === undefined) entries.set(path, { before, after, seen: last, whole })
      else if (differs(known.before, after)) Object.assign(known, { after, whole })
      else entries.delete(path)
    },
    ripen (path) {
      const known = entries.get(path)
      // What is empty is likely to be written in a moment.
      if (known === undefined || known.after?.size === 0) return
      known.whole = true
      decide()
    },
    begin (burst) {
      passes++
      if (burst) bursts++
    },
    end (burst) {
      passes--
      if (burst) bursts--
      decide()
    },
    flush,
    waiting: () => entries.size,
    close () {
      closed = true
      undo?.()
      entries.clear()
    }
  }
}
