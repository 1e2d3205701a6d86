// Many tabs in one process: `fork('tabs.js', [port, port of a wire to it, sockets, streams])`. Each is the connection of the page's client; every other one goes through a wire that is cut.
import { get } from 'node:http'
import { WebSocket } from 'ws'
import { Connection } from '../../lib/browser/connection/connection.js'
import { Stream } from './stream.js'

const [port = 0, wire = 0, sockets = 0, streams = 0] = process.argv.slice(2).map(Number)
/** So many load the page whenever they are told to, and look at what it says. The others take the number of the change. */
const READERS = 20
/** So many begin at a time. */
const BATCH = 50

// What a browser has, and Node has not.
Object.assign(globalThis, { WebSocket, EventSource: Stream, location: { pathname: '/page.html' } })

const told = { failures: 0, connects: 0, reloads: 0, loads: 0 }

/** @returns {Promise<string>} empty when nobody answers */
const read = url => new Promise(resolve => {
  get(url, { agent: false, timeout: 5000 }, answer => {
    let text = ''
    answer.setEncoding('utf8').on('data', part => { text += part }).on('end', () => resolve(text)).on('error', () => resolve(''))
  }).on('error', () => resolve('')).on('timeout', function () { this.destroy() })
})

class Tab {
  #origin
  #transport
  #reads
  /** @type {Connection | undefined} */
  #connection
  #page = { epoch: '', seq: 0 }
  #running = ''
  isGone = false
  state = 'closed'
  shown = ''

  constructor (i, transport) {
    this.#origin = `http://127.0.0.1:${i % 2 === 0 ? port : wire}`
    this.#transport = transport
    this.#reads = i < READERS
  }

  get reads () { return this.#reads }
  isCurrent (epoch, seq) { return this.state === 'open' && this.#page.epoch === epoch && this.#page.seq === seq }

  /** As a navigation: the page says which change it shows. */
  async load () {
    this.#connection?.stop()
    this.state = 'closed'
    const text = await this.#untilRead()
    if (this.isGone) return
    const [, epoch = '', seq = ''] = /data-live-reload="([^:]+):(\d+)"/.exec(text) ?? []
    this.shown = /<p>(.*)<\/p>/.exec(text)?.[1] ?? ''
    told.loads++
    this.#open({ epoch, seq: Number(seq) })
  }

  leave () {
    this.isGone = true
    this.#connection?.stop()
  }

  /** A browser shows its own page while nobody answers, and people press the button until somebody does. */
  async #untilRead () {
    for (;;) {
      const text = await read(`${this.#origin}/page.html`)
      if (text !== '' || this.isGone) return text
      await new Promise(resolve => { setTimeout(resolve, 500) })
    }
  }

  #open (stamp) {
    const page = this.#page = { base: `${this.#origin}/__live/`, transport: this.#transport, token: '', posted: false, status: 200, timeout: 3000, console: undefined, remark: '', ...stamp }
    const metrics = { attempts: 0, successes: 0, failures: 0, lost: 0, fallbacks: 0, messages: 0, reloads: 0, updates: 0, lastLatency: 0 }
    let failures = 0
    this.#connection = new Connection({
      page,
      metrics,
      mayRetry: () => !this.isGone,
      isServerUp: async () => (await read(`${this.#origin}/__live/health`)).includes(`"epoch":"${page.epoch}"`),
      onFallback () {},
      onState: state => {
        if (state === 'open' && this.state !== 'open') told.connects++
        told.failures += metrics.failures - failures
        failures = metrics.failures
        this.state = state
      },
      onMessage: message => this.#receive(message)
    })
    this.#connection.start()
  }

  #receive ({ type, epoch, seq }) {
    if (type === 'hello') this.#running = epoch
    if (type !== 'reload' && type !== 'update') return
    told.reloads++
    if (this.#reads) this.load()
    else Object.assign(this.#page, { epoch: this.#running, seq })
  }
}

const all = [...Array.from({ length: sockets }, () => 'ws'), ...Array.from({ length: streams }, () => 'sse')]
// Both transports among those that read, and on both wires.
const tabs = all.map((_, i) => new Tab(i, i < READERS && streams > 0 && sockets > 0 ? ['ws', 'ws', 'sse', 'sse'][i % 4] : all[i]))

const verbs = {
  async open () {
    for (let i = 0; i < tabs.length; i += BATCH) {
      const batch = tabs.slice(i, i + BATCH)
      await Promise.all(batch.map(tab => tab.load()))
      while (batch.some(({ state }) => state !== 'open')) await new Promise(resolve => { setTimeout(resolve, 5) })
    }
  },
  /** One goes, and another comes. */
  replace () {
    const i = Math.floor(Math.random() * tabs.length)
    tabs[i].leave()
    tabs[i] = new Tab(i, i < READERS ? ['ws', 'ws', 'sse', 'sse'][i % 4] : all[i])
    tabs[i].load()
  },
  look: ({ epoch, seq, text }) => ({
    behind: tabs.filter(tab => !tab.isCurrent(epoch, seq)).length,
    stale: tabs.filter(tab => tab.reads && tab.shown !== text).length,
    ...told
  })
}
process.on('message', async ({ verb, ...more }) => { process.send?.({ type: verb, ...await verbs[verb](more) }) })
process.on('disconnect', () => process.exit())
process.send?.({ type: 'ready' })
