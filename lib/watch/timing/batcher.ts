// Differences -> batches: a lone change goes out at once, what follows is gathered until nothing more comes.
import type { Change } from '../../../types/change.js'
import type { Clock } from '../../shared/clock.js'
import { differs, type Fingerprint } from '../index/fingerprint.js'

/** A gathered batch goes out after this long without a further change. */
const QUIET_MS = 75
/** The other half of an atomic save follows a new or vanished name within this. */
const NAME_QUIET_MS = 20
/** A change waits no longer than this while others keep coming. */
const MAX_WAIT_MS = 200
/** More changes than a person saves: a checkout or a build. It is worth waiting for its end, because a reload within it would show half of it. */
const FLOOD_SIZE = 20
const FLOOD_MAX_WAIT_MS = 2000
/** With `debounce`, a change waits at most this many times as long, and never less than a second. */
const DEBOUNCE_FACTOR = 10
const MIN_DEBOUNCED_MAX_WAIT_MS = 1000
/** Between two looks whether changes are still held back. */
const HELD_LOOK_MS = 30
/** They are held back no longer than this, whatever holds them. */
export const MAX_HELD_MS = 5000
/** A change this soon after a batch belongs to a stream of saves, in which the native watcher delays events. */
const STREAM_MS = 1000
/** What came and went counts in so many batches without a pause between them. Files that an app makes and removes for each page would reload it forever. */
const [MAX_REVERTED, REVERTED_PAUSE_MS] = [20, 10_000]

/** What was done to a file that is as it was: it was seen otherwise or gone, it came and went, or it was only written. */
export type Undone = 'edited' | 'made' | 'rewritten'

export interface Difference {
  readonly path: string
  readonly before: Fingerprint | undefined
  readonly after: Fingerprint | undefined
  /** The file is surely not half written, so it may go out at once. */
  readonly complete: boolean
  /** How long the event was delayed, in milliseconds. */
  readonly delay: number
  /** A name that tools give a file for a moment, before they rename or remove it. */
  readonly temporary: boolean
  /** By the clock: it may have been made since then. */
  readonly since: number
  /** How long the file has been as it is, in milliseconds; 0 where that is not known. */
  readonly age: number
}

export interface BatchSettings {
  /** Quiet time in milliseconds; 0 is adaptive. */
  readonly debounce: number
  readonly clock: Clock
  /** Something may have been made from the files since then, by `clock`. `madeAt`: a file that came and went was there from then on. */
  usedSince (at: number, undone: Undone, madeAt: number): boolean
  send (changes: readonly Change[]): void
  /** More is about to change: nothing goes out at once. @default never */
  isHeld? (): boolean
  /** Compares once more with the disk before a debounced batch or a flood goes out. */
  recheck (): Promise<unknown>
}

interface Entry { before: Fingerprint | undefined, after: Fingerprint | undefined, seen: number, since: number, madeAt: number, complete: boolean, temporary: boolean }

export class Batcher {
  readonly #settings: BatchSettings
  readonly #quiet: number
  readonly #maxWait: number
  readonly #entries = new Map<string, Entry>()
  /** Scans under way; a gathered batch waits for their end. */
  #scans = 0
  /** Of those, scans of many paths: nothing goes out at once meanwhile. */
  #bursts = 0
  #firstAt = 0
  /** When the oldest change happened on disk, as far as that is known. */
  #oldestAt = 0
  #lastAt = -Infinity
  #sentAt = -Infinity
  #recheckedAt = -Infinity
  #revertedBatches = 0
  #revertedAt = -Infinity
  /** It was quiet before the first of the gathered changes. Counted from one change to the next: counted from the last message, a late one would make all later ones late. */
  #afterQuiet = true
  #heldSince: number | undefined
  #cancel: (() => void) | undefined
  #closed = false

  constructor (settings: BatchSettings) {
    const { debounce } = settings
    this.#settings = settings
    this.#quiet = debounce || QUIET_MS
    this.#maxWait = debounce === 0 ? MAX_WAIT_MS : Math.max(DEBOUNCE_FACTOR * debounce, MIN_DEBOUNCED_MAX_WAIT_MS)
  }

  /** Number of changes that were not sent yet. */
  get size (): number { return this.#entries.size }
  /** Many paths are being compared. */
  get inBurst (): boolean { return this.#bursts > 0 }

  /** Starts no timer: the end of the scan that has found the difference does. */
  add ({ path, before, after, complete, delay, age, temporary, since }: Difference): void {
    const now = this.#settings.clock.now()
    const entry = this.#entries.get(path) ?? { before, after, seen: now, since, madeAt: now - age, complete, temporary }
    if (now - this.#lastAt >= QUIET_MS) this.#afterQuiet = true
    this.#lastAt = now
    if (this.#entries.size === 0) {
      this.#firstAt = this.#oldestAt = now
      this.#heldSince = undefined
    }
    // Outside of a stream the age is that of a burst, or of a busy event loop.
    if (now - this.#sentAt < STREAM_MS) this.#oldestAt = Math.min(this.#oldestAt, now - delay)
    if (differs(entry.before, after) || this.#wasUsed(entry)) this.#entries.set(path, Object.assign(entry, { after, complete }))
    else this.#entries.delete(path)
  }

  /** The content of this file has stopped changing. */
  markComplete (path: string): void {
    const known = this.#entries.get(path)
    // An empty file is likely to be written in a moment.
    if (known === undefined || known.after?.size === 0) return
    known.complete = true
    this.#sendOrWait()
  }

  beginScan (burst: boolean): void {
    this.#scans++
    if (burst) this.#bursts++
  }

  endScan (burst: boolean): void {
    this.#scans--
    if (burst) this.#bursts--
    this.#sendOrWait()
  }

  flush (): void {
    this.#cancelTimer()
    if (this.#entries.size === 0 || this.#closed) return
    const changes: Change[] = []
    let isReverted = false
    for (const [path, { before, after, seen }] of this.#entries) {
      isReverted ||= !differs(before, after)
      changes.push({ path, type: after === undefined ? 'delete' : before === undefined ? 'create' : 'update', seen })
    }
    if (isReverted) this.#revertedBatches++
    this.#entries.clear()
    this.#sentAt = this.#settings.clock.now()
    this.#afterQuiet = false
    this.#heldSince = undefined
    this.#settings.send(changes)
  }

  close (): void {
    this.#closed = true
    this.#cancelTimer()
    this.#entries.clear()
  }

  #sendOrWait (): void {
    this.#cancelTimer()
    if (this.#entries.size === 0 || this.#closed || this.#isHeldBack()) return
    if (this.#isSmallSave()) return this.flush()
    if (this.#scans > 0) return
    const { clock, debounce } = this.#settings
    const isFlood = this.#entries.size > FLOOD_SIZE
    const latest = isFlood ? this.#firstAt + Math.max(this.#maxWait, FLOOD_MAX_WAIT_MS) : this.#oldestAt + this.#maxWait
    const wait = Math.min(this.#lastAt + (this.#isLoneName() ? NAME_QUIET_MS : this.#quiet), latest) - clock.now()
    if (wait > 0) this.#cancel = clock.after(wait, () => this.#sendOrWait())
    else if ((debounce === 0 && !isFlood) || this.#recheckedAt === this.#lastAt || clock.now() >= latest) this.flush()
    else this.#recheck()
  }

  /** The quiet time begins when they are let go: events of the last changes may be late. */
  #isHeldBack (): boolean {
    const { clock, isHeld } = this.#settings
    const now = clock.now()
    if (isHeld?.() === true && now - (this.#heldSince ?? now) < MAX_HELD_MS) {
      this.#heldSince ??= now
      this.#cancel = clock.after(HELD_LOOK_MS, () => this.#sendOrWait())
      return true
    }
    if (this.#heldSince !== undefined && this.#firstAt <= this.#heldSince) this.#firstAt = this.#oldestAt = this.#lastAt = now
    return false
  }

  /** Updates of one or two complete files. New and vanished names wait, because they may be halves of an atomic save. */
  #isSmallSave (): boolean {
    return this.#isLone(({ before, after, complete }) => complete && before !== undefined && after !== undefined)
  }

  /** The same with names that appeared or vanished, and are surely not those of temporary files. */
  #isLoneName (): boolean {
    return this.#isLone(({ after, complete, temporary }) => !temporary && (complete || after === undefined))
  }

  #isLone (test: (entry: Entry) => boolean): boolean {
    if (this.#settings.debounce > 0 || this.#bursts > 0 || this.#entries.size > 2 || !this.#afterQuiet) return false
    for (const entry of this.#entries.values()) if (!test(entry)) return false
    return true
  }

  /** What is undone by now counts for what was made meanwhile. */
  #wasUsed ({ before, after, since, madeAt, temporary }: Entry): boolean {
    const undone: Undone = before === undefined ? 'made' : differs(before, after) ? 'edited' : 'rewritten'
    if (temporary || !this.#settings.usedSince(since, undone, madeAt)) return false
    const now = this.#settings.clock.now()
    if (now - this.#revertedAt > REVERTED_PAUSE_MS) this.#revertedBatches = 0
    this.#revertedAt = now
    return this.#revertedBatches < MAX_REVERTED
  }

  /** Events may be delayed for longer than the quiet time, so the disk is asked whether more has changed. */
  async #recheck (): Promise<void> {
    this.#recheckedAt = this.#lastAt
    this.beginScan(true)
    await this.#settings.recheck()
    this.endScan(true)
  }

  #cancelTimer (): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
