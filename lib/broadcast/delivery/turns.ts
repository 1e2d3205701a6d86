// Does the same to many connections, a little at a time: the requests of the app have their turn in between.

/** Milliseconds. Whatever else the app has to answer waits no longer for each of us. */
export const TURN_MS = 0.3

interface Round<Member> {
  readonly act: (member: Member) => void
  readonly members: IterableIterator<Member>
}

export class Turns<Member> {
  /** Those that have not come to an end, oldest first. */
  readonly #rounds: Round<Member>[] = []

  /** Calls `act` with every member, after all rounds before it. The first part is done at once. Who comes after one for whom it throws is left for the next turn. */
  add (members: Iterable<Member>, act: (member: Member) => void): void {
    this.#rounds.push({ act, members: [...members].values() })
    if (this.#rounds.length === 1) this.#turn()
  }

  /** The same, but the first part is done when everything that has arrived by now was read. */
  defer (members: Iterable<Member>, act: (member: Member) => void): void {
    this.#rounds.push({ act, members: [...members].values() })
    if (this.#rounds.length === 1) setImmediate(() => this.#turn())
  }

  #turn (): void {
    const until = performance.now() + TURN_MS
    try {
      for (let [round] = this.#rounds; round !== undefined; [round] = this.#rounds) {
        for (const member of round.members) {
          round.act(member)
          if (performance.now() >= until) return
        }
        this.#rounds.shift()
      }
    } finally {
      if (this.#rounds.length > 0) setImmediate(() => this.#turn())
    }
  }
}
