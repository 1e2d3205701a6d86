// Writes to many connections a part at a time: the requests of the app have their turn in between.

/** Takes about two milliseconds. */
const CONNECTIONS_PER_TURN = 100

interface Broadcast<Member, Message> {
  readonly message: Message
  readonly members: readonly Member[]
  next: number
}

export class Broadcasts<Member, Message> {
  readonly #deliver: (member: Member, message: Message) => void
  /** Those that some members have not been given yet, oldest first. */
  readonly #waiting: Broadcast<Member, Message>[] = []

  constructor (deliver: (member: Member, message: Message) => void) {
    this.#deliver = deliver
  }

  /** Every member is given all messages in order. The first part is written at once. */
  add (message: Message, members: Iterable<Member>): void {
    this.#waiting.push({ message, members: [...members], next: 0 })
    if (this.#waiting.length === 1) this.#turn()
  }

  /** Writes the rest at once. */
  flush (): void {
    while (this.#waiting.length > 0) this.#part()
  }

  #turn (): void {
    this.#part()
    if (this.#waiting.length > 0) setImmediate(() => this.#turn())
  }

  #part (): void {
    const [broadcast] = this.#waiting
    if (broadcast === undefined) return
    const { message, members } = broadcast
    const end = broadcast.next + CONNECTIONS_PER_TURN
    for (const member of members.slice(broadcast.next, end)) this.#deliver(member, message)
    broadcast.next = end
    if (end >= members.length) this.#waiting.shift()
  }
}
