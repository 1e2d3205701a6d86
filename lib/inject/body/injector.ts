// A document in pieces -> the same pieces with the tag in them. Holds back only what it cannot judge yet, 64 KiB at most.
import { EndFinder, NO_END } from '../html/end.js'
import { PROLOGUE, scanPrologue, type Stage } from '../html/scan.js'
import { decidePlace, FOREIGN, isForeign, type Injection } from './insert.js'

export interface Outcome {
  /** Called once, before the first byte leaves: with the reason when nothing will be inserted. */
  decided (reason?: string): void
  /** Called when nothing could be inserted after all. */
  failed (reason: string): void
}

const EMPTY = Buffer.alloc(0)
/** Characters that are scanned again and again while tiny pieces come; after that the scan waits for more at a time. */
const SCAN_BUDGET = 32 * PROLOGUE

export class Injector {
  readonly #injection: Injection
  readonly #outcome: Outcome
  readonly #end = new EndFinder()
  #phase: 'prologue' | 'end' | 'pass' = 'prologue'
  #stage: Stage = 'start'
  #scanned = 0
  #decided = false
  /** Pieces that may not leave yet. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** Bytes that have left since the place in the head. */
  #gone = 0

  constructor (injection: Injection, outcome: Outcome) {
    this.#injection = injection
    this.#outcome = outcome
  }

  /** Takes the next piece, gives what may leave now. `complete`: nothing more comes. */
  push (bytes: Buffer, complete: boolean): Buffer {
    if (this.#phase === 'pass') return bytes
    if (this.#phase === 'end') return this.#followEnd(bytes, complete)
    const length = this.#pendingBytes + bytes.length
    const wait = length < 2 || (this.#scanned > SCAN_BUDGET && length < PROLOGUE)
    return wait && !complete ? this.#hold(bytes) : this.#readPrologue(this.#take(bytes), complete)
  }

  #readPrologue (bytes: Buffer, complete: boolean): Buffer {
    if (this.#stage === 'start' && isForeign(bytes)) return this.#giveUp(bytes, FOREIGN)
    if (bytes.length === 0 && !this.#injection.navigation && !this.#decided) return this.#giveUp(bytes, 'it is empty')
    const text = bytes.toString('latin1', 0, PROLOGUE)
    const scan = scanPrologue(text, complete && bytes.length <= PROLOGUE, this.#stage)
    this.#scanned += text.length
    if (scan.kind === 'more' && text.length < PROLOGUE) {
      if (scan.stage === 'start') return this.#hold(bytes)
      this.#decide()
      this.#stage = scan.stage
      this.#hold(bytes.subarray(scan.at))
      return bytes.subarray(0, scan.at)
    }
    const place = decidePlace(scan, this.#injection)
    if (typeof place === 'string') return this.#giveUp(bytes, place)
    this.#decide()
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
    if (this.#injection.position === 'body') {
      this.#phase = 'end'
      return Buffer.concat([before, this.#followEnd(after, complete)])
    }
    this.#phase = 'pass'
    return Buffer.concat([before, Buffer.from(this.#injection.tag), after])
  }

  #followEnd (bytes: Buffer, complete: boolean): Buffer {
    this.#end.read(bytes.toString('latin1'))
    const place = this.#end.place(complete)
    if (place !== undefined || complete) {
      this.#phase = 'pass'
      const all = this.#take(bytes)
      if (place === undefined) {
        this.#outcome.failed(NO_END)
        return all
      }
      const at = place - this.#gone
      return Buffer.concat([all.subarray(0, at), Buffer.from(this.#injection.tag), all.subarray(at)])
    }
    const free = this.#end.release() - this.#gone
    if (free <= 0) return this.#hold(bytes)
    const all = this.#take(bytes)
    this.#gone += free
    this.#hold(all.subarray(free))
    return all.subarray(0, free)
  }

  #hold (bytes: Buffer): Buffer {
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    return EMPTY
  }

  /** The pending bytes, followed by `bytes`. */
  #take (bytes: Buffer): Buffer {
    const all = this.#pending.length === 0 ? bytes : Buffer.concat([...this.#pending, bytes])
    this.#pending = []
    this.#pendingBytes = 0
    return all
  }

  #decide (reason?: string): void {
    if (!this.#decided) this.#outcome.decided(reason)
    this.#decided = true
  }

  #giveUp (bytes: Buffer, reason: string): Buffer {
    this.#decide(reason)
    this.#phase = 'pass'
    return bytes
  }
}
