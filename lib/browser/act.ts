// A wish comes true: the change is shown without a reload, or the page goes. In the module that is loaded with the first change.
import type { ChangeMessage, ClientSettings, ReloadMessage } from '../../types/message.js'
import type { Perform, Wish } from './due.js'
import type { Events } from './events.js'
import type { Memory } from './memory.js'
import type { Tell } from './note.js'
import { askPage } from './preserve/ask.js'
import { keep, type Made } from './preserve/preserve.js'
import { endTransitions } from './preserve/transition.js'
import { createUpdates, type UpdatesParts } from './updates.js'

/** What the page's client knows, and does for who makes wishes come true. */
export interface Client extends UpdatesParts {
  /** Which process answers now. */
  running: string
  settings: Partial<ClientSettings>
  /** What somebody typed into. */
  readonly typed: Set<EventTarget>
  /** What fields showed when the page had loaded. */
  made: Made
  /** Tells a server that is down from a page that may not ask. */
  readonly connected: () => boolean
  /** A cache gave us the page that we had before this reload: asking for it once more would never end. */
  readonly isVain: (seq: number) => boolean
  readonly emit: Events['emit']
  readonly note: Tell
  readonly insist: (wish: Wish) => void
  readonly say: (kind: 'reload' | 'update', came: number) => void
  /** `items`: what would be lost. */
  readonly leave: (wish: Wish, items?: Memory['items']) => Promise<void>
}

/** A page that hears from the server and yet gets no answer may not ask: after so many tries it goes. */
const SILENT = 3
/** What a process that has just begun says wrong so often, it will not say right by itself; each time it may print its reason. */
const MOST = 9

export function createAct (client: Client): Perform {
  const { page } = client
  const show = createUpdates(client)
  /** From the first try of a reload on: no update stands in for it. */
  let owed = false
  let silent = 0

  return async ({ messages, came, tries, sure }, wanted) => {
    const last = messages.at(-1) as ChangeMessage
    const { seq } = last
    const message: ReloadMessage = last.type === 'reload' ? last : { type: 'reload', seq }
    const next: Wish = { messages: [message], came, tries: tries + 1 }
    function stay (why: string, waiting?: boolean) {
      const text = `Not reloaded: the page ${why}`
      client.note(waiting ? { text, waiting } : { text, hint: 'Go there', act: () => client.insist({ ...next, sure: true }) })
    }

    if (!sure && client.isVain(seq)) return stay(`comes from a ${navigator.serviceWorker?.controller ? 'service worker' : 'cache'}, as it was`)
    const { seq: before } = page
    const left = messages.filter(message => message.type === 'reload' || client.emit('update', message))
    if (client.running === page.epoch && !owed && seq) {
      const done = await show(left, came)
      if (done !== undefined) {
        // Less than before: it turned out meanwhile that an earlier change needs a reload, which is due.
        if (page.seq >= before) page.seq = seq
        if (done) client.say('update', came)
        return
      }
      if (!wanted()) return
    }

    if (tries === 0 && !client.emit('reload', message)) {
      page.epoch = client.running
      page.seq = seq
      return
    }
    owed = true
    // Where another server has the page, ours says nothing about it.
    if (!sure && new URL(page.base).origin === origin) {
      const begun = !client.connected() || client.running !== page.epoch
      const answer = await askPage(page, begun)
      if (!wanted()) return
      silent = answer || !client.connected() ? 0 : silent + 1
      const [why, status] = answer ?? ['is silent', 502]
      if (why && silent < SILENT) {
        // What is down comes back by itself, what is wrong is mended by a change.
        const waiting = status > 501 || (begun && !page.posted && tries < MOST)
        stay(why + (page.posted ? ' (it answers a form)' : ''), waiting)
        if (waiting) return next
        return
      }
    }
    const { preserve, serviceWorker } = client.settings
    await endTransitions()
    // One that answers this page from its cache shows the old one for ever.
    if (serviceWorker === 'bypass') for (const worker of await navigator.serviceWorker?.getRegistrations() ?? []) if (location.href.startsWith(worker.scope)) await worker.unregister()
    const items = preserve !== false ? keep(client.typed, client.made) : undefined
    if (wanted()) await client.leave({ ...next, sure }, items)
  }
}
