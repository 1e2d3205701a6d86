// Lines of pages' consoles -> lines of the server's log: one each, harmless to a terminal, and no more than people can read.
import type { FastifyBaseLogger } from 'fastify'
import type { LogMessage } from '../../../types/message.js'
import type { MapPlaces } from './source-map.js'

export interface ConsoleParts {
  /** Other levels are not written. */
  readonly levels: readonly LogMessage['level'][]
  readonly map: MapPlaces
  /** Takes out what no log should hold: colours, secrets. */
  tidy (text: string): string
  readonly log: FastifyBaseLogger
}

/** Of all pages together. */
const BURST_LINES = 200
const LINES_PER_SECOND = 50
const DROPPED_LOG_DELAY_MS = 1000
const MAX_LINE_LENGTH = 16_384
const MAX_URL_LENGTH = 300
const FRAME = /^\s*at |@\S*:\d+:\d+$/
const PLACE = /(?:^\s*at (?:.* \()?|@)([^()]+?:\d+:\d+)\)?$/

export class PageConsole {
  readonly #parts: ConsoleParts
  /** A token bucket. */
  #tokens = BURST_LINES
  #filledAt = performance.now()
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  /** Source maps take their time. The queue keeps the order of lines. */
  #last = Promise.resolve()

  constructor (parts: ConsoleParts) {
    this.#parts = parts
  }

  add (message: LogMessage): void {
    if (!this.#parts.levels.includes(message.level)) return
    if (this.#take()) this.#last = this.#last.then(() => this.#write(message))
    else if (this.#dropped++ === 0) this.#timer = setTimeout(() => this.#logDropped(), DROPPED_LOG_DELAY_MS).unref()
  }

  close (): void {
    clearTimeout(this.#timer)
  }

  #take (): boolean {
    const now = performance.now()
    this.#tokens = Math.min(BURST_LINES, this.#tokens + (now - this.#filledAt) / 1000 * LINES_PER_SECOND)
    this.#filledAt = now
    return this.#tokens >= 1 && this.#tokens-- >= 1
  }

  #logDropped (): void {
    this.#parts.log.warn(`page console: ${this.#dropped} lines dropped: too many at once`)
    this.#dropped = 0
  }

  async #write ({ level, text, url = '', tab = '' }: LogMessage): Promise<void> {
    const { map, tidy, log } = this.#parts
    const page = plain(url, MAX_URL_LENGTH)
    const name = tab.replace(/\W/g, '').slice(0, 8)
    const lines = plain(tidy(await map(text)), MAX_LINE_LENGTH).split('\n').filter(line => line.trim() !== '')
    const frames = lines.filter(line => FRAME.test(line))
    const words = lines.filter(line => !FRAME.test(line)).map(line => line.trim()).join(' | ')
    const place = PLACE.exec(frames[0] ?? '')?.[1]
    log[level](
      { page, tab: name, ...frames.length > 0 && { stack: frames.map(line => line.trim()).join('\n') } },
      `page ${page}${name && ` (${name})`}: ${words}${place === undefined ? '' : ` (${place})`}`
    )
  }
}

/** Without control characters, but for line breaks, and without characters that hide what follows them. */
function plain (text: string, maxLength: number): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]|[\u2028\u2029]/gu, '').replaceAll('\t', '  ').slice(0, maxLength)
}
