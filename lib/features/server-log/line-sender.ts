// Sends lines of a log to pages: those of a level and above, without secrets, limited in rate.
import type { LogMessage } from '../../../types/message.js'
import { shortenText } from '../../shared/paths.js'
import { clean } from '../../shared/text.js'

type Level = LogMessage['level']

export interface LineParts {
  readonly level: Level
  readonly cwd: string
  redact (text: string): string
  send (line: { readonly level: Level, readonly text: string }): void
}

const NUMBERS: Readonly<Record<string, number>> = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 }
const BURST_LINES = 50
const LINES_PER_SECOND = 10
const DROPPED_DELAY_MS = 1000
const MAX_TEXT_LENGTH = 4000

/** A line of pino. */
interface Line {
  readonly level: number
  readonly text: string
}

export class LineSender {
  readonly #parts: LineParts
  /** A token bucket. */
  #tokens = BURST_LINES
  #filledAt = performance.now()
  #dropped = 0
  #timer: NodeJS.Timeout | undefined

  constructor (parts: LineParts) {
    this.#parts = parts
  }

  add (text: string): void {
    const line = parse(text)
    if (line === undefined || line.level < (NUMBERS[this.#parts.level] as number)) return
    if (this.#take()) this.#send(line)
    else if (this.#dropped++ === 0) this.#timer = setTimeout(() => this.#sendDropped(), DROPPED_DELAY_MS).unref()
  }

  close (): void {
    clearTimeout(this.#timer)
  }

  #send ({ level, text }: Line): void {
    const { cwd, redact, send } = this.#parts
    const shown = level >= 50 ? 'error' : level >= 40 ? 'warn' : level >= 30 ? 'info' : 'debug'
    send({ level: shown, text: clean(shortenText(cwd, redact(text)), MAX_TEXT_LENGTH) })
  }

  #sendDropped (): void {
    this.#parts.send({ level: 'warn', text: `${this.#dropped} lines dropped: too many at once` })
    this.#dropped = 0
  }

  #take (): boolean {
    const now = performance.now()
    this.#tokens = Math.min(BURST_LINES, this.#tokens + (now - this.#filledAt) / 1000 * LINES_PER_SECOND)
    this.#filledAt = now
    return this.#tokens >= 1 && this.#tokens-- >= 1
  }
}

/** `undefined` for what no logger of JSON wrote, and for lines of the plugin: pages know what it has to say, and theirs would come back to them. */
function parse (text: string): Line | undefined {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return undefined
  }
  const { level, msg, plugin, err } = Object(given) as Readonly<Record<string, unknown>>
  const number = typeof level === 'string' ? NUMBERS[level.toLowerCase()] : level
  if (typeof number !== 'number' || plugin === 'fastify-live-reload') return undefined
  const { stack, message } = Object(err) as Readonly<Record<string, unknown>>
  const cause = String(stack ?? message ?? '')
  const said = String(msg ?? '')
  return { level: number, text: cause.includes(said) ? cause : [said, cause].filter(part => part !== '').join('\n') }
}
