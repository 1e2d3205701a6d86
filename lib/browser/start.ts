// Joins the parts: what a message does to the page, and what `window.__liveReload` shows of it.
import type { ClientMetrics, ClientState, LiveReloadClient } from '../../types/client.js'
import type { BuildMessage, ClosingMessage, CustomMessage, HelloMessage, ReconnectMessage, ServerMessage } from '../../types/message.js'
import type { Client } from './act.js'
import { createStatus } from './badge/status.js'
import type { Line } from './connection.js'
import { createDue, type Perform, type Wish } from './due.js'
import { createEvents } from './events.js'
import { watchLife } from './lifecycle.js'
import { createLoader, type LoadMore } from './load.js'
import { type Memory, recall, remember } from './memory.js'
import type { Note } from './note.js'
import { createShare } from './share.js'
import type { Page } from './tag.js'

/** Milliseconds in which a server that is there answers. */
const PATIENCE = 5000
/** A reload that did not end the page in this time was refused (`beforeunload`, a download). */
const REFUSED = 10_000

/** What comes on top of the client, and may send by it while it is open. */
export type Extend = (page: Page, client: LiveReloadClient, send: Line['send']) => void

export function start (page: Page, extend?: Extend): LiveReloadClient {
  const stamp = () => `${page.epoch}:${page.seq}`
  const past = recall()
  const metrics: ClientMetrics = past?.metrics ?? { attempts: 0, successes: 0, failures: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 }
  let pending = past
  let state: ClientState = 'closed'
  let act: Perform | undefined
  let said: string | undefined

  const events = createEvents()
  const load: LoadMore = createLoader('more', page.base)
  const display = createStatus(page, load)
  const due = createDue(() => client.settings, perform)
  const client: Client = {
    page,
    running: page.epoch,
    settings: {},
    typed: new Set(),
    made: [],
    connected: () => state === 'open',
    isVain: seq => past?.from === stamp() && past.to === `${client.running}:${seq}`,
    emit: events.emit,
    note,
    want: due.want,
    insist: due.insist,
    say,
    loadMorph: createLoader('morph', page.base),
    leave
  }
  const line = createShare(`live-reload ${page.base}`, {
    page,
    metrics,
    mayRetry: () => !document.hidden || client.settings.hidden === 'reload',
    isThere,
    receive,
    onState: setState,
    fell (fallback) {
      metrics.fallbacks++
      console.info(`[live-reload] ${fallback.from} is left (${fallback.reason}): ${fallback.to} from here on`)
      line.send({ type: 'fallback', ...fallback })
      events.emit('fallback', fallback)
    }
  })

  function setState (next: ClientState) {
    if (next === state) return
    // A reload under way goes on: with a server that does not count there is no catching up.
    if (state === 'open') due.drop()
    state = next
    console.debug(`[live-reload] ${next}`)
    events.emit('state', next)
    display.state(next)
  }
  function receive (message: ServerMessage) {
    metrics.messages++
    events.emit('message', message)
    switch (message.type) {
      case 'hello': return greet(message)
      case 'reload':
      case 'update': return due.want(message)
      case 'build': return display.build(message, events.emit('build', message))
      // What is left is the connection's own affair, or unknown.
      default: return message satisfies ClosingMessage | ReconnectMessage | CustomMessage
    }
  }
  function greet (hello: HelloMessage) {
    const settings = { ...hello.client }
    client.settings = settings
    // A page that may be changed in place has to know what it is before.
    if (settings.morph) ready().catch(() => {})
    display.greet({ ...hello, client: settings }, !!pending, hello.build.state === 'idle' || events.emit('build', { type: 'build', name: 'build', ...hello.build } as BuildMessage))
    if (pending) {
      metrics.reloads++
      say('reload', pending.came)
      pending = undefined
    }
    client.running = hello.epoch
    const missed = hello.changes?.filter(change => change.seq > page.seq) ?? []
    if (hello.epoch === page.epoch && missed.length === hello.seq - page.seq) missed.forEach(due.want)
    else due.want({ type: 'reload', seq: hello.seq })
  }
  async function isThere () {
    try {
      const { epoch } = await (await fetch(new URL('health', page.base), { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) })).json()
      if (epoch === page.epoch) return true
      // Or somebody else answers.
      if (epoch) {
        client.running = epoch
        due.want({ type: 'reload', seq: 0 })
      }
    } catch {}
    return false
  }

  async function ready (early?: boolean): Promise<Perform> {
    const { createAct } = await load(early)
    act ??= createAct(client)
    return act
  }
  async function perform (wish: Wish, wanted: () => boolean) {
    const messages = wish.messages.filter(({ seq }) => client.running !== page.epoch || !(seq <= page.seq))
    const last = messages.at(-1)
    if (!last) return
    try {
      // What goes may go without the import map that was to come.
      const go = await ready(true)
      return await go({ ...wish, messages }, wanted)
    } catch {}
    // Sandboxed, or the server may be down again: then the next connection catches up.
    const { seq } = last
    if (!wanted() || state !== 'open' || client.isVain(seq)) return
    if (events.emit('reload', { type: 'reload', seq })) return leave(wish)
    page.epoch = client.running
    page.seq = seq
  }
  function say (kind: 'reload' | 'update', came: number) {
    metrics.lastLatency = Date.now() - came
    if (kind === 'update') metrics.updates++
    line.send({ type: 'applied', seq: page.seq, kind, ms: metrics.lastLatency })
  }
  function note (next: Note | undefined) {
    if (next && next.text !== said) console.info(`[live-reload] ${next.text}`)
    said = next?.text
    display.note(next)
  }
  async function leave (wish: Wish, items?: Memory['items']) {
    const { came, messages, sure } = wish
    const maps = !!Document.prototype.querySelector.call(document, 'script[type=importmap]')
    const kept = remember({ from: stamp(), to: `${client.running}:${messages.at(-1)?.seq}`, came, metrics, items, maps }) && items
    if (!kept && !sure && [...client.typed].some(element => (element as Element).isConnected)) {
      return note({ text: 'Update ready', hint: 'Reload', act: () => due.insist({ ...wish, sure: true }) })
    }
    note(undefined)
    if (page.posted) location.replace(location.href.replace(/#.*/, ''))
    else location.reload()
    // What comes meanwhile waits, so a slow page is not asked for again and again.
    await new Promise(resolve => { setTimeout(resolve, REFUSED) })
  }

  addEventListener('input', event => {
    const [element] = event.composedPath()
    if (event.isTrusted && element) client.typed.add(element)
  }, true)
  // What the page's own scripts make of it when it loads is the page's, too.
  addEventListener('load', () => setTimeout(() => {
    client.made = Array.from(Document.prototype.querySelectorAll.call(document, 'input,textarea,select,[open]') as NodeListOf<HTMLInputElement>, element => [element, element.value, element.checked, element.type])
  }))
  if (past?.items?.length) load(!past.maps).then(({ restore }) => restore(past.items ?? [], client.typed, note)).catch(() => {})

  watchLife({
    sleep () {
      if (state === 'paused') return
      line.stop()
      due.forget()
    },
    wake (doubtful) {
      if (state === 'paused') return
      due.shown()
      if (doubtful || !document.hidden) line.start(doubtful)
    }
  })
  const api: LiveReloadClient = {
    get connectionType () { return state === 'open' ? line.transport() : null },
    get state () { return state },
    get epoch () { return page.epoch },
    get seq () { return page.seq },
    metrics,
    on: events.on,
    pause () {
      line.stop()
      due.forget()
      setState('paused')
    },
    resume () {
      if (state === 'paused') line.start()
    },
    reconnect (transport) {
      line.use(transport)
      line.restart()
    }
  }
  extend?.(page, api, message => line.send(message))
  line.start()
  return api
}
