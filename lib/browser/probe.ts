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

type Answer = 'page' | 'other' | 'nothing'

async function askPage (): Promise<Answer> {
  try {
    const response = await fetch(location.href, { cache: 'no-store', headers: { accept: 'text/html' } })
    response.body?.cancel().catch(() => {})
    const good = response.ok || response.status === statusOfPage()
    return good && response.headers.get('content-type')?.includes('html') ? 'page' : 'other'
  } catch {
    return 'nothing'
  }
}

export interface Probe {
  /** Asks for this page until it answers as a page, then calls `ready`. Asks at once when it was waiting. */
  start (ready: () => void): void
  stop (): void
}

/** `connected` tells a server that is down from a page that may not ask (its CSP, its origin). */
export function createProbe (connected: () => boolean): Probe {
  let round = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask (mine: number, tries: number, silent: number, ready: () => void) {
    const answer = await askPage()
    if (mine !== round) return
    const quiet = answer === 'nothing' && connected() ? silent + 1 : 0
    if (answer === 'page' || quiet === 3) return ready()
    timer = setTimeout(ask, backoff(tries), mine, tries + 1, quiet, ready)
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
