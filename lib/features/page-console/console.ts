// Writes lines of pages' consoles to the server's log: one line each, safe for a terminal, and limited in rate.
import type { FastifyBaseLogger } from 'fastify'
import type { LogMessage } from '../../../types/message.js'
import { parseStackFrame } from '../../shared/sources/stack-frames.js'
import type { MapPlaces } from './source-map.js'

export interface ConsoleParts {
  /** Other levels are not written. */
  readonly levels: readonly LogMessage['level'][]
  readonly map: MapPlaces
  /** Removes terminal sequences and secrets. */
  sanitize (text: string): string
  readonly log: FastifyBaseLogger
}

/** The limits hold for all pages together. */
const BURST_LINES = 200
const LINES_PER_SECOND = 50
const DROPPED_LOG_DELAY_MS = 1000
const MAX_LINE_LENGTH = 16_384
const MAX_URL_LENGTH = 300

export class PageConsole {
  readonly #parts: ConsoleParts
  /** A token bucket. */
  #tokens = BURST_LINES
  #filledAt = performance.now()
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  /** Reading a source map takes time. This queue keeps the lines in order. */
  #last = Promise.resolve()

  constructor (parts: ConsoleParts) {
    this.#parts = parts
  }

  add (message: LogMessage): void {
    if (!this.#parts.levels.includes(message.level)) return
    if (this.#take()) this.#last = this.#last.then(() => this.#write(message)).catch(err => this.#parts.log.warn({ err: err as unknown }, 'page console: a line could not be written'))
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
    const { map, sanitize, log } = this.#parts
    const page = plain(url, MAX_URL_LENGTH)
    const name = tab.replace(/\W/g, '').slice(0, 8)
    const lines = plain(sanitize(await map(text)), MAX_LINE_LENGTH).split('\n').filter(line => line.trim() !== '')
    const frames = lines.filter(isFrame)
    const words = lines.filter(line => !isFrame(line)).map(line => line.trim()).join(' | ')
    const place = parseStackFrame(frames[0] ?? '')
    log[level](
      { page, tab: name, ...frames.length > 0 && { stack: frames.map(line => line.trim()).join('\n') } },
      `page ${page}${name && ` (${name})`}: ${words}${place === undefined ? '' : ` (${place.source}:${place.line}:${place.column})`}`
    )
  }
}

/** True for frames without a place, too: `at <anonymous>`. */
function isFrame (line: string): boolean {
  return /^\s*at /.test(line) || parseStackFrame(line) !== undefined
}

/** Without control characters, but for line breaks, and without characters that hide what follows them. */
function plain (text: string, maxLength: number): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]|[\u2028\u2029]/gu, '').replaceAll('\t', '  ').slice(0, maxLength)
}
