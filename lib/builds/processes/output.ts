// The tail of what a child prints. Its pipes are always read, but slowly after the first megabytes:
// reading makes garbage, and the server's requests wait while that is collected.
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

const TAIL_BYTES = 65_536
const FULL_SPEED_BYTES = 16 * 1024 * 1024
/** One chunk is read per interval: 64 KiB in 16 ms are 4 MB/s. */
const SLOW_INTERVAL_MS = 16
/** A grandchild may hold the pipes open forever. */
const DRAIN_TIMEOUT_MS = 250

export class OutputTail {
  readonly #streams: readonly Readable[]
  readonly #closed: Promise<unknown>
  #chunks: Buffer[] = []
  #keptBytes = 0
  #totalBytes = 0
  #draining = false
  #pause: NodeJS.Timeout | undefined

  constructor (streams: readonly Readable[]) {
    this.#streams = streams
    this.#closed = Promise.all(streams.map(stream => new Promise<void>(resolve => {
      // A read error (EIO of a terminal that is gone) ends the stream as well.
      stream.on('data', (chunk: Buffer) => this.#take(chunk)).on('error', () => {}).once('close', resolve)
    })))
  }

  /** More was printed than is read at full speed, so some of it may arrive later. */
  get flooded (): boolean {
    return this.#totalBytes > FULL_SPEED_BYTES
  }

  /** The end of what was printed since the last `reset()`. */
  text (): string {
    const bytes = Buffer.concat(this.#chunks)
    let start = Math.max(0, bytes.length - TAIL_BYTES)
    // Not in the middle of a UTF-8 character.
    if (start > 0) while (((bytes[start] as number) & 0xc0) === 0x80) start++
    const dropped = this.#totalBytes - (bytes.length - start)
    return `${dropped > 0 ? `[${dropped} bytes dropped]\n` : ''}${bytes.toString('utf8', start)}`
  }

  reset (): void {
    this.#chunks = []
    this.#keptBytes = this.#totalBytes = 0
  }

  /** Settles when what was printed before has been read, unless it is a flood. */
  async settled (): Promise<void> {
    // The first turn of the event loop may have polled the pipes already; the second polls them again.
    await setImmediate()
    await setImmediate()
  }

  /** Settles when the pipes have ended, or after a short while. */
  async drained (): Promise<void> {
    // The child has ended: no more than the pipes' buffers are left.
    this.#draining = true
    this.#resume()
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.#closed, new Promise(resolve => { timer = setTimeout(resolve, DRAIN_TIMEOUT_MS) })])
    clearTimeout(timer)
  }

  destroy (): void {
    clearTimeout(this.#pause)
    for (const stream of this.#streams) stream.destroy()
  }

  #take (chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#keptBytes += chunk.length
    this.#totalBytes += chunk.length
    while (this.#keptBytes - (this.#chunks[0] as Buffer).length >= TAIL_BYTES) this.#keptBytes -= (this.#chunks.shift() as Buffer).length
    if (!this.flooded || this.#draining || this.#pause !== undefined) return
    for (const stream of this.#streams) stream.pause()
    this.#pause = setTimeout(() => this.#resume(), SLOW_INTERVAL_MS).unref()
  }

  #resume (): void {
    clearTimeout(this.#pause)
    this.#pause = undefined
    for (const stream of this.#streams) stream.resume()
  }
}
