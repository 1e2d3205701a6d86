// Numbers that look random and come again from the same seed.
export class Random {
  #state: number

  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to, but without, 1: mulberry32. */
  next (): number {
    this.#state = (this.#state + 0x6D2B79F5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  below (end: number): number {
    return Math.floor(this.next() * end)
  }

  chance (of: number): boolean {
    return this.next() < of
  }

  pick<T> (from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  bytes (length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }

  /** Some of what `make` makes, up to `most`. */
  list<T> (most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make)
  }
}
