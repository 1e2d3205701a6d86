// Joins the parts: what a message does to the page, and what `window.__liveReload` shows of it.
import type { ClientMetrics, ClientState, LiveReloadClient } from '../../types/client.js'
import type { BuildMessage, ChangeMessage, ClientSettings, ClosingMessage, HelloMessage, ReconnectMessage, ReloadMessage, ServerMessage } from '../../types/message.js'
import { backoff } from './backoff.js'
import { createStatus, type Note } from './badge/status.js'
import type { Line } from './connection.js'
import { createEvents } from './events.js'
import { createKeeping } from './keeping.js'
import { watchLife } from './lifecycle.js'
import { createLoader, type LoadMore } from './load.js'
import { recall, remember } from './memory.js'
import { askEpoch, askPage } from './probe.js'
import { createReloader, type Wish } from './reloader.js'
import { createShare } from './share.js'
import type { Page } from './tag.js'
import { createUpdates } from './updates.js'

/** Milliseconds: changes that keep coming make the page ask anew whether it may go, but no longer than this. */
const ANEW = 250

/** What comes on top of the client, and may send by it while it is open. */
export type Extend = (page: Page, client: LiveReloadClient, send: Line['send']) => void

export function start (page: Page, extend?: Extend): LiveReloadClient {
  const stamp = () => `${page.epoch}:${page.seq}`
  const past = recall()
  const metrics: ClientMetrics = past?.metrics ?? { attempts: 0, successes: 0, failures: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 }
  // A cache gave us the same page again: asking for it once more would never end.
  const hopeless = past?.from === stamp() ? past.to : ''
  let pending = past
  let settings: ClientSettings = { debounce: 0, hidden: 'wait', overlay: false, badge: false, preserve: true, serviceWorker: 'warn', editor: false }
  let state: ClientState = 'closed'
  let running = page.epoch
  /** The newest change that is being shown without a reload. */
  let taken = 0
  let turn = 0
  /** From the first try of a reload on: no update stands in for it. */
  let owed = false
  /** The change it is to show, and since when it is asked whether the page may go; 0: it is not. */
  let due = 0
  let asking = 0
  /** Why it could not be had. */
  let why = ''
  let explained = false

  const events = createEvents()
  const load: LoadMore = createLoader('more', page.base)
  const display = createStatus(page, load)
  const keeping = createKeeping(load, past, display.note)
  const reloader = createReloader(() => settings, perform)
  const show = createUpdates(page, load, came => go({ type: 'reload', seq: page.seq-- }, came))
  const line = createShare(`live-reload ${page.base}`, {
    page,
    metrics,
    mayRetry: () => !document.hidden || settings.hidden === 'reload',
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
    if (state === 'open') reloader.cancel()
    // Somebody else may answer.
    asking = 0
    state = next
    console.debug(`[live-reload] ${next}`)
    events.emit('state', next)
    display.state(next)
  }
  function forget () {
    turn++
    taken = asking = 0
    reloader.cancel()
  }

  function receive (message: ServerMessage) {
    metrics.messages++
    events.emit('message', message)
    act(message)
  }
  function act (message: ServerMessage) {
    switch (message.type) {
      case 'hello': return greet(message)
      case 'reload':
      case 'update': return want(message)
      case 'build': return display.build(message, events.emit('build', message))
      // What is left is the connection's own affair, or unknown.
      default: return message satisfies ClosingMessage | ReconnectMessage
    }
  }
  function greet (hello: HelloMessage) {
    settings = { ...settings, ...hello.client }
    if (settings.morph) show([], 0, true)
    display.greet({ ...hello, client: settings }, !!pending, hello.build.state === 'idle' || events.emit('build', { type: 'build', name: 'build', ...hello.build } as BuildMessage))
    if (pending) {
      say('reload', pending.came)
      pending = undefined
    }
    compare(hello.epoch, hello.seq, hello.changes)
  }
  function compare (epoch: string, seq: number, changes: readonly ChangeMessage[] = []) {
    running = epoch
    const missed = changes.filter(change => change.seq > page.seq)
    if (epoch === page.epoch && missed.length === seq - page.seq) missed.forEach(want)
    else want({ type: 'reload', seq })
  }
  async function isThere () {
    const epoch = await askEpoch(page.base)
    if (epoch !== undefined) compare(epoch, 0)
    return epoch === page.epoch
  }

  function want (message: ChangeMessage) {
    if (running === page.epoch && message.seq <= Math.max(page.seq, taken)) return
    if (hopeless === `${running}:${message.seq}`) return explain()
    reloader.want(message)
  }
  function explain () {
    if (explained) return
    explained = true
    const worker = navigator.serviceWorker?.controller
    console.info(`[live-reload] ${worker ? `a service worker (${worker.scriptURL}) answers this page from its cache` : 'the page came out of a cache as it was'}, so it is not reloaded`)
    if (worker) display.note({ text: 'A service worker answers from its cache', hint: 'Dismiss', act: () => display.note(undefined) })
  }
  async function perform ({ messages, came }: Wish) {
    const last = messages.at(-1) as ChangeMessage
    const { seq } = last
    const left = messages.filter(message => message.type === 'reload' || events.emit('update', message))
    if (running === page.epoch && !owed && !left.some(({ seq }) => seq === undefined)) {
      const mine = turn
      taken = seq
      const done = await show(left, came)
      if (taken === seq) taken = 0
      if (done !== undefined) {
        page.seq = Math.max(page.seq, seq)
        return done && say('update', came)
      }
      // Forgotten meanwhile, or a later one is on its way.
      if (mine !== turn) return
    }
    go(last.type === 'reload' ? last : { type: 'reload', seq }, came)
  }
  function say (kind: 'reload' | 'update', came: number) {
    metrics.lastLatency = Date.now() - came
    if (kind === 'update') metrics.updates++
    line.send({ type: 'applied', seq: page.seq, kind, ms: metrics.lastLatency })
  }
  function go (message: ReloadMessage, came: number) {
    if (!events.emit('reload', message)) {
      page.epoch = running
      page.seq = message.seq
    } else {
      reload(message.seq, came)
    }
  }
  async function reload (seq: number, came: number, sure = false) {
    due = seq
    // Or a page that is slow to answer were never gone to.
    if (asking && !sure && Date.now() - asking > ANEW) return
    const mine = ++turn
    owed = true
    asking ||= Date.now()
    const anyway = (text: string, hint: string): Note => ({ text, hint, act: () => reload(seq, came, true) })
    const kept = await keeping.keep(settings, {
      sure,
      page,
      restarted: running !== page.epoch,
      wanted: () => mine === turn,
      connected: () => state === 'open',
      stuck (reason, waiting) {
        asking = 0
        const text = `Not reloaded: the page ${reason}`
        if (text !== why) console.info(`[live-reload] ${text}`)
        why = text
        display.note(waiting ? { text, waiting } : anyway(text, 'Go there'))
      },
      ask: askPage,
      pause: backoff
    })
    if (mine !== turn) return
    asking = 0
    if (kept === undefined) return
    if (!kept && !sure && keeping.typed()) {
      console.info('[live-reload] an update is ready')
      return display.note(anyway('Update ready', 'Reload'))
    }
    if (!reloader.leave()) return
    display.note(undefined)
    metrics.reloads++
    remember({ from: stamp(), to: `${running}:${due}`, came, metrics, kept, maps: !!Document.prototype.querySelector.call(document, 'script[type=importmap]') })
    if (page.posted) location.replace(location.href.replace(/#.*/, ''))
    else location.reload()
  }

  watchLife({
    sleep () {
      if (state === 'paused') return
      line.stop()
      forget()
    },
    wake (doubtful) {
      if (state === 'paused') return
      reloader.shown()
      if (doubtful || !document.hidden) line.start(doubtful)
    }
  })
  const client: LiveReloadClient = {
    get connectionType () { return state === 'open' ? line.transport : null },
    get state () { return state },
    get epoch () { return page.epoch },
    get seq () { return page.seq },
    metrics,
    on: events.on,
    pause () {
      line.stop()
      forget()
      setState('paused')
    },
    resume () {
      if (state === 'paused') line.start()
    },
    reconnect (transport) {
      if (state === 'paused') line.start()
      line.restart(transport)
    }
  }
  extend?.(page, client, message => line.send(message))
  line.start()
  return client
}
