// Questions to a server that may be another process by now.
import { backoff } from './backoff.js'

/** Milliseconds in which a server that is there answers. */
const PATIENCE = 5000

/** The epoch of whatever answers there now, if it answers as we do. */
export async function askEpoch (base: string): Promise<string | undefined> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), PATIENCE)
  try {
    const response = await fetch(new URL('health', base), { cache: 'no-store', signal: patience.signal })
    const { epoch }: { epoch?: unknown } = await response.json()
    return typeof epoch === 'string' ? epoch : undefined
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

/** A page that was an error page itself is there again when it answers with the same error. */
function statusOfPage (): number | undefined {
  const [entry] = performance.getEntriesByType('navigation')
  return entry instanceof PerformanceNavigationTiming ? entry.responseStatus : undefined
}

/** What a page answers that is none, in words. */
type Answer = 'page' | 'silent' | { readonly refused: boolean, readonly why: string }

async function askPage (): Promise<Answer> {
  try {
    const { body, headers, ok, status } = await fetch(location.href, { cache: 'no-store', headers: { accept: 'text/html' } })
    body?.cancel().catch(() => {})
    const good = ok || status === statusOfPage()
    if (good && headers.get('content-type')?.includes('html')) return 'page'
    return { refused: status < 500, why: `answers ${good ? 'no HTML' : status}` }
  } catch {
    return 'silent'
  }
}

export interface Probe {
  /**
   * Asks for this page until it answers as a page, then calls `ready`; `stuck` is told why it does not.
   * A new start takes the place of the old one.
   */
  start (ready: () => void, stuck: (why: string) => void): void
  stop (): void
}

export interface ProbeOptions {
  /** Tells a server that is down from a page that may not ask (its CSP, its origin). */
  readonly connected: () => boolean
  /** Whether to go on asking a server that refuses. */
  readonly insist: boolean
}

export function createProbe ({ connected, insist }: ProbeOptions): Probe {
  let round = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask (mine: number, tries: number, silent: number, ...[ready, stuck]: Parameters<Probe['start']>) {
    const answer = await askPage()
    if (mine !== round) return
    const mute = answer === 'silent' && connected() ? silent + 1 : 0
    if (answer === 'page' || mute === 3) return ready()
    const known = typeof answer === 'object'
    stuck(known ? answer.why : 'does not answer')
    if (known && answer.refused && !insist) return console.info('[live-reload] this page answers a form and cannot be had without sending it again')
    timer = setTimeout(ask, backoff(tries), mine, tries + 1, mute, ready, stuck)
  }
  function stop () {
    clearTimeout(timer)
    round++
  }
  return {
    stop,
    start (...then) {
      stop()
      ask(round, 0, 0, ...then)
    }
  }
}
