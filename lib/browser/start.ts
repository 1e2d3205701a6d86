// Joins the parts: what a message does to the page, and what `window.__liveReload` shows of it.
import type { ClientMetrics, ClientState, LiveReloadClient, TransportName } from '../../types/client.js'
import type { ClientSettings, HelloMessage, ReloadMessage, ServerMessage } from '../../types/message.js'
import { createConnection } from './connection.js'
import { createEvents } from './events.js'
import { watchLife } from './lifecycle.js'
import { recall, remember } from './memory.js'
import { askEpoch, createProbe } from './probe.js'
import { parse } from './receive.js'
import { createReloader, type Wish } from './reloader.js'
import { keepScroll } from './scroll.js'
import type { Page } from './tag.js'
import type { Transport } from './transport.js'
import { openSocket } from './websocket.js'

const transports: Partial<Record<TransportName, Transport>> = { ws: openSocket }

export function start (page: Page): LiveReloadClient {
  const stamp = () => `${page.epoch}:${page.seq}`
  const past = recall()
  const metrics: ClientMetrics = past?.metrics ?? { attempts: 0, successes: 0, failures: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 }
  // A cache gave us the same page again: asking for it once more would never end.
  const hopeless = past?.from === stamp() ? past.to : ''
  let pending = past
  if (past) keepScroll(past.scroll)
  let settings: ClientSettings = { debounce: 20, hidden: 'wait' }
  let transport: TransportName = 'ws'
  let state: ClientState = 'closed'
  let running = page.epoch

  const events = createEvents()
  const probe = createProbe({ connected: () => state === 'open', insist: !page.posted })
  const reloader = createReloader(() => settings, perform)
  const connection = createConnection({
    transport: () => transports[transport] ?? openSocket,
    address: () => ({ base: page.base, query: new URLSearchParams({ at: stamp(), token: page.token }).toString() }),
    metrics,
    mayRetry: () => !document.hidden || settings.hidden === 'reload',
    receive,
    onState: setState,
    inspect
  })

  function setState (next: ClientState) {
    if (next === state) return
    if (state === 'open') forget()
    state = next
    console.debug(`[live-reload] ${next}`)
    events.emit('state', next)
  }
  function forget () {
    reloader.cancel()
    probe.stop()
  }

  function receive (text: string): boolean {
    const message = parse(text)
    if (!message) return false
    metrics.messages++
    events.emit('message', message)
    act(message)
    return message.type === 'hello'
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
      case 'build': {
        events.emit('build', message)
        return
      }
      case 'closing': return connection.lose()
      default: return message satisfies never
    }
  }
  function greet (hello: HelloMessage) {
    settings = { ...settings, ...hello.client }
    if (pending) {
      metrics.lastLatency = Date.now() - pending.came
      connection.send(JSON.stringify({ type: 'applied', seq: page.seq, kind: 'reload', ms: metrics.lastLatency }))
      pending = undefined
    }
    restarted(hello.epoch, hello.seq)
  }
  function restarted (epoch: string, seq: number): boolean {
    running = epoch
    if (epoch !== page.epoch) want({ type: 'reload', seq })
    return epoch !== page.epoch
  }
  async function inspect () {
    const epoch = await askEpoch(page.base)
    return epoch === undefined || !restarted(epoch, 0)
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
      connection.stop()
      forget()
    },
    wake (doubtful) {
      if (state === 'paused') return
      reloader.shown()
      if (doubtful) connection.restart()
      else if (!document.hidden) connection.start()
    }
  })
  connection.start()

  return {
    get connectionType () { return state === 'open' ? transport : null },
    get state () { return state },
    get epoch () { return page.epoch },
    get seq () { return page.seq },
    metrics,
    on: events.on,
    pause () {
      connection.stop()
      forget()
      setState('paused')
    },
    resume () {
      if (state === 'paused') connection.restart()
    },
    reconnect (name = transport) {
      if (transports[name]) transport = name
      connection.restart()
    }
  }
}
