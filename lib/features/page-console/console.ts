// What pages log, in the server's log: one line each, harmless to a terminal, and never more than somebody can read.
import type { FastifyBaseLogger } from 'fastify'
import type { LogMessage } from '../../../types/message.js'
import type { MapPlaces } from './source-map.js'

export interface ConsoleParts {
  /** What is not among them is not written. */
  readonly levels: readonly LogMessage['level'][]
  readonly map: MapPlaces
  /** Takes out what no log should hold: colours, secrets. */
  tidy (text: string): string
  readonly log: FastifyBaseLogger
}

export interface PageConsole {
  heard (message: LogMessage): void
  close (): void
}

/** Lines that may come at once, and how many more each second: of all pages together. */
const BURST = 200
const PER_SECOND = 50
/** Milliseconds until it is said how many were left out. */
const SOON = 1000
const FRAME = /^\s*at |@\S*:\d+:\d+$/
const PLACE = /(?:^\s*at (?:.* \()?|@)([^()]+?:\d+:\d+)\)?$/

export function createPageConsole ({ levels, map, tidy, log }: ConsoleParts): PageConsole {
  let tokens = BURST
  let filled = performance.now()
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  // Maps take their time; lines keep their order.
  let last = Promise.resolve()

  function take (): boolean {
    const now = performance.now()
    tokens = Math.min(BURST, tokens + (now - filled) / 1000 * PER_SECOND)
    filled = now
    return tokens >= 1 && tokens-- >= 1
  }
  function say (): void {
    log.warn(`page console: ${dropped} lines dropped: too many at once`)
    dropped = 0
  }
  async function write ({ level, text, url = '', tab = '' }: LogMessage): Promise<void> {
    const page = plain(url, 300)
    const name = tab.replace(/\W/g, '').slice(0, 8)
    const lines = plain(tidy(await map(text)), 16_384).split('\n').filter(line => line.trim() !== '')
    const frames = lines.filter(line => FRAME.test(line))
    const said = lines.filter(line => !FRAME.test(line)).map(line => line.trim()).join(' | ')
    const place = PLACE.exec(frames[0] ?? '')?.[1]
    log[level](
      { page, tab: name, ...frames.length > 0 && { stack: frames.map(line => line.trim()).join('\n') } },
      `page ${page}${name && ` (${name})`}: ${said}${place === undefined ? '' : ` (${place})`}`
    )
  }

  return {
    heard (message) {
      if (!levels.includes(message.level)) return
      if (take()) last = last.then(() => write(message))
      else if (dropped++ === 0) timer = setTimeout(say, SOON).unref()
    },
    close () {
      clearTimeout(timer)
    }
  }
}

/** Nothing a terminal would act on, and nothing that hides what follows it. */
function plain (text: string, longest: number): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Cf}]|[\u2028\u2029]/gu, '').replaceAll('\t', '  ').slice(0, longest)
}
