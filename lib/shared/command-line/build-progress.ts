// The builds that run, drawn or logged at an interval.
import type { Progress } from '../../../types/build.js'
import { printable } from '../text.js'

export interface TerminalStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write (text: string): unknown
  on? (event: 'error', listener: () => void): unknown
  off? (event: 'error', listener: () => void): unknown
}

export interface ProgressOptions {
  readonly log: { info (text: string): void }
  readonly stream?: TerminalStream
  readonly env?: NodeJS.ProcessEnv
  /** Milliseconds between two drawings. A build that ends sooner is never drawn. @default 200 */
  readonly drawInterval?: number
  /** Milliseconds between two log lines about the same build, where there is no terminal. @default 5000 */
  readonly logInterval?: number
}

interface Running {
  readonly startedAt: number
  loggedAt: number
  progress?: Progress
}

const ERASE = '\r\u001b[2K'
const DEFAULT_COLUMNS = 80

export class BuildProgress {
  readonly #log: ProgressOptions['log']
  readonly #stream: TerminalStream
  readonly #isTerminal: boolean
  readonly #drawInterval: number
  readonly #logInterval: number
  readonly #running = new Map<string, Running>()
  #drawn = false
  /** The window was closed (EIO, EPIPE). */
  #gone = false
  #timer: NodeJS.Timeout | undefined
  // Without a listener the error of a closed window would end the app.
  readonly #leave = (): void => { this.#gone = true }

  constructor ({ log, stream = process.stderr, env = process.env, drawInterval = 200, logInterval = 5000 }: ProgressOptions) {
    this.#log = log
    this.#stream = stream
    this.#isTerminal = stream.isTTY === true && env.TERM !== 'dumb'
    this.#drawInterval = drawInterval
    this.#logInterval = logInterval
    if (this.#isTerminal) stream.on?.('error', this.#leave)
  }

  start (name: string): void {
    const now = performance.now()
    this.#running.set(name, { startedAt: now, loggedAt: now })
    this.#timer ??= setInterval(() => this.#show(), this.#isTerminal ? this.#drawInterval : Math.min(this.#logInterval, 1000)).unref()
  }

  update (name: string, progress: Progress): void {
    const build = this.#running.get(name)
    if (build !== undefined) build.progress = progress
  }

  end (name: string): void {
    this.#running.delete(name)
    this.erase()
    if (this.#running.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Frees the row for a line of the log. The next drawing takes it back. */
  erase (): void {
    if (this.#drawn && !this.#gone) this.#stream.write(ERASE)
    this.#drawn = false
  }

  close (): void {
    this.#stream.off?.('error', this.#leave)
    for (const name of [...this.#running.keys()]) this.end(name)
  }

  #show (): void {
    const now = performance.now()
    if (this.#isTerminal) this.#draw(now)
    else this.#write(now)
  }

  // The cursor returns to the start of the row, so that a line of somebody else overwrites this one.
  #draw (now: number): void {
    const shown = [...this.#running].filter(([, { startedAt }]) => now - startedAt >= this.#drawInterval)
    if (shown.length === 0 || this.#gone) return this.erase()
    const text = `building ${shown.map(([name, build]) => describe(name, build, now)).join(' · ')}`
    this.#stream.write(`${ERASE}${printable(text).slice(0, Math.max(1, (this.#stream.columns ?? DEFAULT_COLUMNS) - 1))}\r`)
    this.#drawn = true
  }

  #write (now: number): void {
    for (const [name, build] of this.#running) {
      if (now - build.loggedAt < this.#logInterval) continue
      build.loggedAt = now
      this.#log.info(printable(`building ${describe(name, build, now)}`))
    }
  }
}

function describe (name: string, { startedAt, progress }: Running, now: number): string {
  const far = progress ? ` ${progress.done} of ${progress.total}${progress.label ? ` (${progress.label})` : ''}` : ''
  return `${name === 'build' ? '…' : name}${far}, ${((now - startedAt) / 1000).toFixed(1)} s`
}
