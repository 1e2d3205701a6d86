// A wish comes true: the change is shown without a reload, or the page goes. In the module that is loaded with the first change.
import type { ChangeMessage, ClientSettings, ReloadMessage } from '../../types/message.js'
import type { Perform, Wish } from './due.js'
import type { Events } from './events.js'
import type { Tell } from './note.js'
import { askPage } from './preserve/ask.js'
import { keep, type Made } from './preserve/preserve.js'
import { endTransitions } from './preserve/transition.js'
import { bypassWorker } from './preserve/worker.js'
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
  /** `kept`: what would be lost is kept. */
  readonly leave: (wish: Wish, kept: boolean) => Promise<void>
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
  let said = ''

  /** False: it was said before. */
  function tell (text: string): boolean {
    if (text === said) return false
    console.info(`[live-reload] ${text}`)
    said = text
    return true
  }

  return async ({ messages, came, tries, sure }, wanted) => {
    const last = messages.at(-1) as ChangeMessage
    const { seq } = last
    if (client.isVain(seq)) return explain()

    const left = messages.filter(message => message.type === 'reload' || client.emit('update', message))
    if (client.running === page.epoch && !owed && !left.some(({ seq }) => seq === undefined)) {
      const done = await show(left, came)
      if (done !== undefined) {
        page.seq = Math.max(page.seq, seq)
        if (done) client.say('update', came)
        return
      }
      if (!wanted()) return
    }

    const message: ReloadMessage = last.type === 'reload' ? last : { type: 'reload', seq }
    if (tries === 0 && !client.emit('reload', message)) {
      page.epoch = client.running
      page.seq = seq
      return
    }
    owed = true
    const next: Wish = { messages: [message], came, tries: tries + 1 }
    // Where another server has the page, ours says nothing about it.
    if (!sure && new URL(page.base).origin === origin) {
      const begun = !client.connected() || client.running !== page.epoch
      const answer = await askPage(page, begun)
      if (!wanted()) return
      silent = answer || !client.connected() ? 0 : silent + 1
      const [why, status] = answer ?? ['is silent', 502]
      if (why && silent < SILENT) {
        const text = `Not reloaded: the page ${why}${page.posted ? ' (it answers a form)' : ''}`
        // What is down comes back by itself, what is wrong is mended by a change.
        const waiting = status > 501 || (begun && !page.posted && tries < MOST)
        tell(text)
        client.note(waiting ? { text, waiting } : { text, hint: 'Go there', act: () => client.insist({ ...next, sure: true }) })
        if (waiting) return next
        return
      }
    }
    const { preserve, serviceWorker } = client.settings
    await endTransitions()
    if (serviceWorker === 'bypass') await bypassWorker()
    const kept = preserve !== false && keep(client.typed, client.made)
    if (wanted()) await client.leave({ ...next, sure }, kept)
  }

  function explain () {
    const worker = navigator.serviceWorker?.controller
    const news = tell(`${worker ? `a service worker (${worker.scriptURL}) answers this page from its cache` : 'the page came out of a cache as it was'}, so it is not reloaded`)
    if (worker && news) client.note({ text: 'A service worker answers from its cache', hint: 'Dismiss', act: () => client.note(undefined) })
  }
}
