// Fingerprints of many files, as rows of numbers. Objects would take three times as much memory.
import type { Fingerprint } from './fingerprint.js'

const FIELDS = 6
/** Added to the last field, which holds `racy`. */
const DENIED = 2
/** Rows that are allocated together. */
const BLOCK_ROWS = 1024

export class FingerprintTable {
  readonly #blocks: Float64Array[] = []
  readonly #free: number[] = []
  #length = 0

  /** Number of fingerprints. */
  get size (): number { return this.#length - this.#free.length }

  /** Returns the number of the row. */
  add (fingerprint: Fingerprint): number {
    const row = this.#free.pop() ?? this.#length++
    this.set(row, fingerprint)
    return row
  }

  set (row: number, { size, mtime, ctime, ino, content = NaN, denied, racy }: Fingerprint): void {
    const block = this.#blocks[Math.floor(row / BLOCK_ROWS)] ??= new Float64Array(BLOCK_ROWS * FIELDS)
    const at = row % BLOCK_ROWS * FIELDS
    block[at] = size
    block[at + 1] = mtime
    block[at + 2] = ctime
    block[at + 3] = ino
    block[at + 4] = content
    block[at + 5] = Number(racy) + (denied ? DENIED : 0)
  }

  get (row: number): Fingerprint {
    const block = this.#blocks[Math.floor(row / BLOCK_ROWS)] as Float64Array
    const at = row % BLOCK_ROWS * FIELDS
    const field = (offset: number): number => block[at + offset] as number
    const content = field(4)
    return { size: field(0), mtime: field(1), ctime: field(2), ino: field(3), content: Number.isNaN(content) ? undefined : content, denied: field(5) >= DENIED, racy: field(5) % DENIED === 1 }
  }

  /** The row is used again. */
  delete (row: number): void {
    this.#free.push(row)
  }
}
