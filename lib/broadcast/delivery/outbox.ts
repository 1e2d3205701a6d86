// Messages on their way to many connections: who is behind gets all that it lacks in one piece.
import type { Frame, Frames } from '../channel.js'
import { TURN_MS } from './turns.js'

/** A message, the one after it as long as somebody waits for it, and the piece that begins with it. */
interface Entry {
  readonly frame: Frame
  next?: Entry
  piece?: Piece
}

/** Messages that go out together. `frames` is the same array for all that get them, so each transport makes its bytes once. */
interface Piece {
  readonly frames: Frames
  readonly last: Entry
  readonly isFull: boolean
}

/** What would be larger goes out in several pieces: between them a connection shows whether its peer reads. */
const MAX_PIECE_BYTES = 64 * 1024

/** Gives every member each message once, in the order of sending. A build of some milliseconds sends three of them: a write costs the app the same for one as for all three, and requests wait while the app writes to thousands of tabs. */
export class Outbox<Member> {
  readonly #members: Iterable<Member>
  readonly #deliver: (member: Member, frames: Frames) => void
  /** By member, the first message that it lacks. Who waits longest is first. */
  readonly #waiting = new Map<Member, Entry>()
  #newest: Entry | undefined
  #nextTurn: NodeJS.Immediate | undefined

  /** `members`: to whom a message goes are those that are in it at that time. */
  constructor (members: Iterable<Member>, deliver: (member: Member, frames: Frames) => void) {
    this.#members = members
    this.#deliver = deliver
  }

  /** When nobody waits for an earlier message, the first few members have this one when it returns. */
  send (frame: Frame): void {
    const entry: Entry = { frame }
    const isIdle = this.#waiting.size === 0
    if (!isIdle) (this.#newest as Entry).next = entry
    this.#newest = entry
    for (const member of this.#members) if (!this.#waiting.has(member)) this.#waiting.set(member, entry)
    if (isIdle) this.#turn(TURN_MS)
  }

  /** It gets nothing any more. */
  forget (member: Member): void {
    this.#waiting.delete(member)
  }

  /** Sends the rest at once. */
  flush (): void {
    this.#turn(Infinity)
  }

  /** Serves members for so many milliseconds. Requests of the app have their turn before the next ones. */
  #turn (ms: number): void {
    const until = performance.now() + ms
    try {
      for (const [member, entry] of this.#waiting) {
        this.#serve(member, entry)
        if (performance.now() >= until) return
      }
    } finally {
      clearImmediate(this.#nextTurn)
      if (this.#waiting.size > 0) this.#nextTurn = setImmediate(() => this.#turn(TURN_MS))
    }
  }

  /** What does not fit into this piece it gets when the others had their turn. */
  #serve (member: Member, entry: Entry): void {
    const { frames, last: { next } } = entry.piece = pieceFrom(entry)
    this.#waiting.delete(member)
    if (next !== undefined) this.#waiting.set(member, next)
    this.#deliver(member, frames)
  }
}

function pieceFrom (first: Entry): Piece {
  const known = first.piece
  if (known !== undefined && (known.isFull || known.last.next === undefined)) return known
  let [last, bytes] = [first, first.frame.bytes.length]
  const frames = [first.frame]
  while (last.next !== undefined && bytes + last.next.frame.bytes.length <= MAX_PIECE_BYTES) {
    last = last.next
    bytes += last.frame.bytes.length
    frames.push(last.frame)
  }
  return { frames, last, isFull: last.next !== undefined }
}
