// What a child prints: always drained, slowed down above a rate, and only the end of it kept.
import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

export interface Output {
  /** The end of what was printed since the last `reset()`. */
  text (): string
  reset (): void
  /** Settles when what was printed up to now is read; at once when it is too much. */
  quiet (): Promise<void>
  /** More was printed than is read at full speed: what comes may be old. */
  readonly flooded: boolean
  /** Settles when the streams have ended, or after a short while: a grandchild may hold them open for ever. */
  drained (): Promise<void>
  /** Lets go of the streams. */
  destroy (): void
}

export interface OutputLimits {
  /** Bytes of the tail. */
  readonly keep: number
  /** Bytes taken at full speed. */
  readonly burst: number
  /** Bytes a second after that, while the server is at work: with each 10 MB or so its garbage is collected, which holds up its requests for some 20 ms. */
  readonly rate: number
  /** Bytes a second while it is nearly idle. */
  readonly quick: number
  /** Milliseconds to wait for the rest after the end. */
  readonly drain: number
}

const MB = 1024 * 1024
export const LIMITS: OutputLimits = { keep: 65_536, burst: 4 * MB, rate: 4 * MB, quick: 16 * MB, drain: 250 }

/** Milliseconds in which nothing is read, and the server is looked at. */
const PAUSE = 20
/** Part of that in which a server is at work and still counts as idle. */
const QUIET = 0.05

export function collectOutput (streams: readonly Readable[], limits: OutputLimits = LIMITS): Output {
  const chunks: Buffer[] = []
  let kept = 0
  let total = 0
  let allowance = limits.burst
  let since = performance.now()
  let paused: NodeJS.Timeout | undefined
  let flooded = false

  const ended = Promise.all(streams.map(stream => new Promise<void>(resolve => {
    stream.on('data', (chunk: Buffer) => take(chunk))
    // A read error (EIO of a terminal that is gone) ends the stream as well.
    stream.on('error', () => {})
    stream.once('close', resolve)
  })))

  function take (chunk: Buffer): void {
    chunks.push(chunk)
    kept += chunk.length
    total += chunk.length
    while (kept - (chunks[0] as Buffer).length >= limits.keep) kept -= (chunks.shift() as Buffer).length
    const now = performance.now()
    allowance = Math.min(limits.burst, allowance + (now - since) / 1000 * limits.rate) - chunk.length
    since = now
    if (allowance < 0 && paused === undefined) pause()
  }

  function pause (): void {
    flooded = true
    for (const stream of streams) stream.pause()
    const before = performance.eventLoopUtilization()
    paused = setTimeout(() => {
      const now = performance.now()
      const rate = performance.eventLoopUtilization(before).utilization < QUIET ? limits.quick : limits.rate
      allowance += (now - since) / 1000 * rate
      since = now
      if (allowance < 0) pause()
      else resume()
    }, PAUSE).unref()
  }

  function resume (): void {
    clearTimeout(paused)
    paused = undefined
    for (const stream of streams) stream.resume()
  }

  return {
    text: () => decodeTail(Buffer.concat(chunks), total, limits.keep),
    reset () {
      chunks.length = kept = total = 0
    },
    get flooded () { return flooded },
    async quiet () {
      for (let seen = -1; seen !== total;) {
        seen = total
        await setImmediate()
        if (flooded) return
      }
    },
    async drained () {
      // It has ended: there is no more than what the pipes hold.
      allowance = limits.burst
      resume()
      let timer: NodeJS.Timeout | undefined
      await Promise.race([ended, new Promise(resolve => { timer = setTimeout(resolve, limits.drain) })])
      clearTimeout(timer)
    },
    destroy () {
      clearTimeout(paused)
      for (const stream of streams) stream.destroy()
    }
  }
}

function decodeTail (bytes: Buffer, total: number, keep: number): string {
  let start = Math.max(0, bytes.length - keep)
  // Not in the middle of a character.
  if (start > 0) while (start < bytes.length && ((bytes[start] as number) & 0xc0) === 0x80) start++
  const dropped = total - (bytes.length - start)
  return `${dropped > 0 ? `[${dropped} bytes dropped]\n` : ''}${bytes.toString('utf8', start)}`
}
