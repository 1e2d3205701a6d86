// Joins the parts: what a message does to the page, and what `window.__liveReload` shows of it.
import type { ClientMetrics, ClientState, LiveReloadClient } from '../../types/client.js'
import type { ClientSettings, HelloMessage, ReconnectMessage, ReloadMessage, ServerMessage } from '../../types/message.js'
import { createChoice } from './choice.js'
import { createConnection, type LineOptions } from './connection.js'
import { createDisplay } from './display.js'
import { createEvents } from './events.js'
import { watchLife } from './lifecycle.js'
import { recall, remember } from './memory.js'
import { askEpoch, createProbe } from './probe.js'
import { createReloader, type Wish } from './reloader.js'
import { keepScroll } from './scroll.js'
import { createShare } from './share.js'
import { openStream } from './sse.js'
import type { Page } from './tag.js'
import { openSocket } from './websocket.js'

const WHY = { timeout: 'did not open in time although the server is there', failed: 'failed although the server is there', forced: 'was given up on demand' }
const transports = { ws: openSocket, sse: openStream }

export function start (page: Page): LiveReloadClient {
  const stamp = () => `${page.epoch}:${page.seq}`
  const past = recall()
  const metrics: ClientMetrics = past?.metrics ?? { attempts: 0, successes: 0, failures: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 }
  // A cache gave us the same page again: asking for it once more would never end.
  const hopeless = past?.from === stamp() ? past.to : ''
  let pending = past
  if (past) keepScroll(past.scroll)
  let settings: ClientSettings = { debounce: 0, hidden: 'wait', overlay: false, badge: false, editor: false }
  let state: ClientState = 'closed'
  let running = page.epoch
  let told = false

  const events = createEvents()
  const display = createDisplay(page)
  const probe = createProbe({ connected: () => state === 'open', insist: !page.posted })
  const reloader = createReloader(() => settings, perform)
  const choice = createChoice({
    forced: page.transport,
    timeout: page.timeout,
    fell (fallback) {
      metrics.fallbacks++
      const { from, to, reason } = fallback
      if (!told || reason === 'forced') {
        console.info(`[live-reload] ${from} ${WHY[reason]}: ${to} from here on`)
        line.send({ type: 'fallback', ...fallback })
      }
      told ||= reason !== 'forced'
      events.emit('fallback', fallback)
    }
  })
  const parts: LineOptions = { choice, mayRetry: () => !document.hidden || settings.hidden === 'reload', receive, onState: setState }
  const address = () => ({ base: page.base, at: stamp(), token: page.token })
  const connect = (options: LineOptions) => createConnection({ ...options, transports, address, metrics, isThere })
  const line = navigator.locks && window.BroadcastChannel ? createShare({ ...parts, address, name: `live-reload ${page.base}` }, connect) : connect(parts)

  function setState (next: ClientState) {
    if (next === state) return
    if (state === 'open') forget()
    state = next
    console.debug(`[live-reload] ${next}`)
    events.emit('state', next)
    display.state(next)
  }
  function forget () {
    reloader.cancel()
    probe.stop()
  }

  function receive (message: ServerMessage) {
    metrics.messages++
    events.emit('message', message)
    act(message)
  }
  function act (message: ServerMessage) {
    switch (message.type) {
      case 'hello': return greet(message)
      case 'reload': return want(message)
      case 'update': {
        if (events.emit('update', message)) want({ type: 'reload', seq: message.seq })
        else page.seq = message.seq
        return
      }
      case 'build': return display.build(message, events.emit('build', message))
      case 'closing': return line.lose()
      // What is left is the connection's own affair, or unknown.
      default: return message satisfies ReconnectMessage
    }
  }
  function greet (hello: HelloMessage) {
    settings = { ...settings, ...hello.client }
    display.greet({ ...hello, client: settings }, pending !== undefined)
    if (pending) {
      metrics.lastLatency = Date.now() - pending.came
      line.send({ type: 'applied', seq: page.seq, kind: 'reload', ms: metrics.lastLatency })
      pending = undefined
    }
    compare(hello.epoch, hello.seq)
  }
  function compare (epoch: string, seq: number) {
    running = epoch
    want({ type: 'reload', seq })
  }
  async function isThere () {
    const epoch = await askEpoch(page.base)
    if (epoch !== undefined) compare(epoch, 0)
    return epoch === page.epoch
  }

  function want (message: ReloadMessage) {
    if (running === page.epoch && message.seq <= page.seq) return
    if (hopeless === `${running}:${message.seq}`) return console.info('[live-reload] the page came out of a cache as it was, so it is not reloaded again')
    reloader.want(message)
  }
  function perform (wish: Wish) {
    if (!events.emit('reload', wish.message)) {
      page.epoch = running
      page.seq = wish.message.seq
    } else if (running === page.epoch && !page.posted) {
      reload(wish)
    } else {
      probe.start(() => reload(wish))
    }
  }
  function reload ({ message: { seq }, came }: Wish) {
    if (!reloader.leave()) return
    metrics.reloads++
    remember({ from: stamp(), to: `${running}:${seq}`, came, metrics, scroll: [scrollX, scrollY] })
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
  line.start()

  return {
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
      line.restart(transport && transports[transport] && transport)
    }
  }
}
