// Messages on their way to many connections: who is behind gets all that it lacks in one piece.
import type { Frame, Frames } from './channel.js'
import { Turns } from './turns.js'

/** A message and the ones after it. It is kept for as long as somebody waits for it. */
interface Entry {
  readonly frame: Frame
  next?: Entry
  /** From this message to the newest, as long as that is `last`. */
  frames?: Frames
  last?: Entry | undefined
}

/** Gives every connection each message once, in the order of sending. A build of some milliseconds sends three of them: a write costs the app the same for one as for all three, and requests wait while the app writes to thousands of tabs. */
export class Outbox<Member> {
  /** The first message that each of them lacks. Who waits longest is first. */
  readonly #waiting = new Map<Member, Entry>()
  readonly #turns = new Turns<Member>()
  readonly #deliver: (member: Member, frames: Frames) => void
  #newest: Entry | undefined

  constructor (deliver: (member: Member, frames: Frames) => void) {
    this.#deliver = deliver
  }

  /** Sends this message to all of them, after those that they still wait for. The first few have it when this returns. */
  send (frame: Frame, members: Iterable<Member>): void {
    const entry: Entry = { frame }
    if (this.#newest !== undefined) this.#newest.next = entry
    this.#newest = entry
    const isIdle = this.#waiting.size === 0
    for (const member of members) if (!this.#waiting.has(member)) this.#waiting.set(member, entry)
    // The iterator of a map goes on with those that are added meanwhile.
    if (isIdle) this.#turns.add(this.#waiting.keys(), member => this.#sendRest(member))
  }

  /** It gets nothing any more. */
  forget (member: Member): void {
    this.#waiting.delete(member)
  }

  /** Sends the rest at once. */
  flush (): void {
    this.#turns.flush()
  }

  #sendRest (member: Member): void {
    const entry = this.#waiting.get(member) as Entry
    this.#waiting.delete(member)
    this.#deliver(member, this.#framesFrom(entry))
  }

  #framesFrom (first: Entry): Frames {
    if (first.frames !== undefined && first.last === this.#newest) return first.frames
    const frames: Frame[] = []
    for (let entry: Entry | undefined = first; entry !== undefined; entry = entry.next) frames.push(entry.frame)
    first.frames = frames
    first.last = this.#newest
    return frames
  }
}
