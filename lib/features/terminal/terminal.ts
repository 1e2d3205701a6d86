// Builds in the terminal: one line that changes in place where somebody looks, a plain log line now and then elsewhere.
import type { FastifyBaseLogger } from 'fastify'
import type { Progress } from '../../../types/build.js'
import type { Events } from '../../live/events.js'

export interface TerminalStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write (text: string): unknown
  on? (event: 'error', listener: () => void): unknown
  off? (event: 'error', listener: () => void): unknown
}

export interface TerminalOptions {
  readonly stream?: TerminalStream
  readonly env?: NodeJS.ProcessEnv
  /** Milliseconds between two drawings; what is over sooner is never drawn. */
  readonly every?: number
  /** Milliseconds between two log lines about the same build. */
  readonly plainEvery?: number
}

export interface Terminal {
  /** The logger given, which makes room for its lines. */
  readonly log: FastifyBaseLogger
  follow (on: Events['on']): void
  close (): void
}

interface Running {
  readonly since: number
  told: number
  progress?: Progress
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const
const ERASE = '\r\u001b[2K'

export function createTerminal (logger: FastifyBaseLogger, { stream = process.stderr, env = process.env, every = 200, plainEvery = 5000 }: TerminalOptions = {}): Terminal {
  const running = new Map<string, Running>()
  const silent = logger.level === undefined || logger.level === 'silent'
  const live = !silent && stream.isTTY === true && env.TERM !== 'dumb'
  let drawn = false
  let gone = false
  let timer: NodeJS.Timeout | undefined

  // The window was closed (EIO, EPIPE): nobody is there to draw for, and without a listener the error would end the app.
  const leave = () => { gone = true }
  if (live) stream.on?.('error', leave)

  function erase () {
    if (drawn && !gone) stream.write(ERASE)
    drawn = false
  }
  // The cursor goes back to the start: a line that somebody else writes takes the place of ours instead of following it.
  function draw () {
    const now = performance.now()
    const shown = [...running].filter(([, { since }]) => now - since >= every)
    if (shown.length === 0 || gone) return erase()
    const text = `building ${shown.map(([name, build]) => describe(name, build, now)).join(' · ')}`
    stream.write(`${ERASE}${printable(text).slice(0, Math.max(1, (stream.columns ?? 80) - 1))}\r`)
    drawn = true
  }
  function tell () {
    const now = performance.now()
    for (const [name, build] of running) {
      if (now - build.told < plainEvery) continue
      build.told = now
      logger.info(printable(`building ${describe(name, build, now)}`))
    }
  }
  function stop () {
    clearInterval(timer)
    timer = undefined
    erase()
  }

  return {
    log: live ? givingWay(logger, erase, draw) : logger,

    follow (on) {
      if (silent) return
      on('build:start', ({ name }) => {
        const since = performance.now()
        running.set(name, { since, told: since })
        timer ??= setInterval(live ? draw : tell, live ? every : Math.min(plainEvery, 1000)).unref()
      })
      on('build:progress', ({ name, progress }) => {
        const build = running.get(name)
        if (build) build.progress = progress
      })
      on('build:end', ({ name }) => {
        running.delete(name)
        if (running.size === 0) stop()
      })
    },

    close () {
      stream.off?.('error', leave)
      running.clear()
      stop()
    }
  }
}

/** The same logger: the line is taken away before it writes, and drawn again after. */
function givingWay (logger: FastifyBaseLogger, erase: () => void, draw: () => void): FastifyBaseLogger {
  const around = Object.create(logger) as FastifyBaseLogger
  for (const level of LEVELS) {
    around[level] = (...args: unknown[]) => {
      erase()
      Reflect.apply(logger[level], logger, args)
      draw()
    }
  }
  return around
}

function describe (name: string, { since, progress }: Running, now: number): string {
  const far = progress ? ` ${progress.done} of ${progress.total}${progress.label ? ` (${progress.label})` : ''}` : ''
  return `${name}${far}, ${((now - since) / 1000).toFixed(1)} s`
}

function printable (text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
}
