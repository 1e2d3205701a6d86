// Before the page goes: does its address answer as a page?
import type { Page } from '../tag.js'
import { failed, pageAddress } from '../timing.js'

/** Milliseconds in which a page answers, or it is gone to unseen; where a process has only begun, longer. */
const UNSEEN = 1000
const BEGUN = 5000
/** What no page of another site can send: the token may be that of a process that is gone. */
const OURS = { 'x-live-reload': '1' }

/** No word: to be gone to. Else why not, and with which status. */
export type Answer = readonly [why: string, status: number]

const GOOD: Answer = ['', 0]

/** `undefined`: nobody answers. `begun`: another process than the one that made this page. */
export async function askPage (page: Page, begun: boolean): Promise<Answer | undefined> {
  const signal = AbortSignal.timeout(begun ? BEGUN : UNSEEN)
  try {
    const { headers, ok, status } = await fetch(pageAddress(page), { cache: 'no-store', headers: OURS, signal })
    const type = `${headers.get('content-type')}`
    // An error page goes to whatever page there is.
    const good = ok || failed()
    if (good && (type.includes('html') || type.includes(document.contentType))) return GOOD
    // The app never had it: somebody else did.
    if (!begun && headers.has('x-no-page')) return GOOD
    return [`answers ${good ? 'no HTML' : status}`, status]
  } catch {
    return signal.aborted ? GOOD : undefined
  }
}
