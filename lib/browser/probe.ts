// Questions to a server that may be another process by now.
import { backoff } from './backoff.js'

/** The epoch of whatever answers there now, if it answers as we do. */
export async function askEpoch (base: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL('health', base), { cache: 'no-store' })
    const { epoch }: { epoch?: unknown } = await response.json()
    return typeof epoch === 'string' ? epoch : undefined
  } catch {
    return undefined
  }
}

/** A page that was an error page itself is there again when it answers with the same error. */
function statusOfPage (): number | undefined {
  const [entry] = performance.getEntriesByType('navigation')
  return entry instanceof PerformanceNavigationTiming ? entry.responseStatus : undefined
}

type Answer = 'page' | 'refused' | 'failed' | 'silent'

async function askPage (): Promise<Answer> {
  try {
    const response = await fetch(location.href, { cache: 'no-store', headers: { accept: 'text/html' } })
    response.body?.cancel().catch(() => {})
    const good = response.ok || response.status === statusOfPage()
    if (good && response.headers.get('content-type')?.includes('html')) return 'page'
    return response.status < 500 ? 'refused' : 'failed'
  } catch {
    return 'silent'
  }
}

export interface Probe {
  /** Asks for this page until it answers as a page, then calls `ready`. A new start takes the place of the old one. */
  start (ready: () => void): void
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

  async function ask (mine: number, tries: number, silent: number, ready: () => void) {
    const answer = await askPage()
    if (mine !== round) return
    const mute = answer === 'silent' && connected() ? silent + 1 : 0
    if (answer === 'page' || mute === 3) return ready()
    if (answer === 'refused' && !insist) return console.info('[live-reload] this page answers a form and cannot be had without sending it again')
    timer = setTimeout(ask, backoff(tries), mine, tries + 1, mute, ready)
  }
  function stop () {
    clearTimeout(timer)
    round++
  }
  return {
    stop,
    start (ready) {
      stop()
      ask(round, 0, 0, ready)
    }
  }
}
