// Before the page goes: does its address answer as a page?
import type { Page } from '../tag.js'

/** A page that hears from the server and yet gets no answer may not ask: after so many tries it goes. */
const SILENT = 3
/** What a process that has just begun says wrong so often, it will not say right by itself; each time it may print its reason. */
const MOST = 9

/** No word: to be gone to. Else why not, and with which status. */
export type Refusal = readonly [why: string, status: number]

const NONE: Refusal = ['', 0]

export interface Asking {
  /** It is gone to whatever it answers. */
  readonly sure: boolean
  readonly page: Page
  /** Another process than the one that made this page. */
  readonly restarted: boolean
  /** False: somebody else decides meanwhile. */
  readonly wanted: () => boolean
  /** Tells a server that is down from a page that may not ask. */
  readonly connected: () => boolean
  /** Told why the page stays. `waiting`: it is asked again by itself, else with the next change. */
  readonly stuck: (why: string, waiting: boolean) => void
  /** Asks once. What takes too long is `late`; `undefined`: nobody answers. */
  readonly ask: (page: Page, restarted: boolean, read: (response: Response) => Refusal, late: Refusal) => Promise<Refusal | undefined>
  /** Milliseconds until the next try. */
  readonly pause: (tries: number) => number
}

/** True when the page may go. */
export async function untilPage ({ sure, page, restarted, wanted, connected, stuck, ask, pause }: Asking): Promise<boolean> {
  const { base, posted } = page
  // Where another server has the page, ours says nothing about it.
  if (sure || new URL(base).origin !== origin) return true
  for (let tries = 0, silent = 0; wanted(); tries++) {
    const refusal = await ask(page, restarted, response => judge(response, restarted), NONE)
    if (!wanted()) break
    silent = refusal || !connected() ? 0 : silent + 1
    const [why, status] = refusal ?? ['is silent', 502]
    if (!why || silent === SILENT) return true
    // What is down comes back by itself, what is wrong is mended by a change.
    const waiting = status > 501 || (restarted && !posted && tries < MOST)
    stuck(why + (posted ? ' (it answers a form)' : ''), waiting)
    if (!waiting) return false
    await new Promise(resolve => { setTimeout(resolve, pause(tries)) })
  }
  return false
}

function judge ({ headers, ok, status }: Response, restarted: boolean): Refusal {
  const type = `${headers.get('content-type')}`
  const [entry] = performance.getEntriesByType('navigation')
  // An error page goes to whatever page there is.
  const good = ok || (entry as PerformanceNavigationTiming).responseStatus >= 400
  if (good && (type.includes('html') || type.includes(document.contentType))) return NONE
  // The app never had it: somebody else did.
  if (!restarted && headers.has('x-no-page')) return NONE
  return [`answers ${good ? 'no HTML' : status}`, status]
}
