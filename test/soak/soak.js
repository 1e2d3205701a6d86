// Drives the app, the tabs and the requests, and looks every so often whether every tab has the newest.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, pause } from '../bench/measure.js'

/** What happens in a period: so much of it something, then a look. */
const PERIOD_MS = 30_000
/** Forty of them are a round of all that happens. */
const STEP_MS = 250
const ROUND_MS = 4000
const REQUESTS_PER_SECOND = 100
const PAGES_PER_SECOND = 20
/** The lowest, for processes that stand for other machines: they take no processor from the server. */
const ELSEWHERE = constants.priority.PRIORITY_LOW
/** Tabs of a wire that was mended are back by then. */
const RECOVERY_MS = 1000
/** Whoever does not have the last save after this time has lost it. A try to connect may take ten seconds while the machine is busy. */
const MOST_MS = 60_000

/**
 * @param {string} file
 * @param {readonly string[]} args
 */
function start (file, args) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: [...process.execArgv, '--expose-gc'], env: { ...process.env, NODE_ENV: 'development' } })
  process.once('exit', () => child.kill('SIGKILL'))
  const hear = type => new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`${file} ended`))
    const heard = message => {
      if (message.type !== type) return
      child.off('message', heard).off('exit', ended)
      resolve(message)
    }
    child.on('message', heard).once('exit', ended)
  })
  return {
    hear,
    async ask (type, message) {
      const answer = hear(type)
      child.send(message)
      return await answer
    },
    tell: message => { child.send(message) },
    setPriority: priority => { setPriority(child.pid, priority) },
    async stop () {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    }
  }
}

/** Everything that is saved, in turn. */
class Author {
  #path
  #step = 0
  #page = 0
  #plugin = 0
  /** When the wire was last not whole, by `performance.now()`. */
  cutUntil = -Infinity
  done = { saves: 0, broken: 0, plugins: 0, cuts: 0, replaced: 0 }

  constructor (path) {
    this.#path = path
    for (const folder of ['src', 'public', 'views', 'plugins']) mkdirSync(join(path, folder))
    writeFileSync(join(path, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(path, 'plugins/hot.js'), this.#pluginText())
    this.#write('src/page.txt', this.text)
  }

  get text () { return `page ${this.#page}` }
  get plugin () { return this.#plugin }

  /** One thing in each step; by the numbers, so that a run can be repeated. */
  step (tabs, wire) {
    const i = this.#step++
    if (i % 4 === 0) this.#save(i / 4)
    if (i % 40 === 2) this.#reloadPlugin()
    if (i % 40 === 21) {
      this.done.cuts++
      this.cutUntil = Infinity
      wire.tell('sever')
    }
    if (i % 40 === 25) this.#mend(wire)
    if (i % 2 === 1) {
      this.done.replaced++
      tabs.tell({ verb: 'replace' })
    }
  }

  /** The last one is good. */
  rest (wire) {
    this.#mend(wire)
    this.savePage()
  }

  #mend (wire) {
    if (this.cutUntil === Infinity) this.cutUntil = performance.now()
    wire.tell('mend')
  }

  savePage () {
    this.done.saves++
    this.#page++
    this.#write('src/page.txt', this.text)
  }

  #save (i) {
    if (i % 4 === 1) this.#write('public/site.css', `p { order: ${i} }`)
    else if (i % 4 === 2) this.#write('views/page.ejs', String(i))
    else if (i % 8 === 3) {
      this.done.broken++
      this.#write('src/page.txt', `bad ${i}`)
    } else return this.savePage()
    this.done.saves++
  }

  #reloadPlugin () {
    this.#plugin++
    this.done.plugins++
    this.#write('plugins/hot.js', this.#pluginText())
  }

  #pluginText () {
    return `export default async app => { app.get('/hot', async () => ({ version: ${this.#plugin} })) }\n`
  }

  /** As editors do: never half a file. */
  #write (name, text) {
    const path = join(this.#path, name)
    writeFileSync(`${path}~`, text)
    renameSync(`${path}~`, path)
  }
}

const get = async url => await (await fetch(url, { headers: { connection: 'close' } })).text()

/** @param {{ ms: number, tabs: number, path: string, print: (text: string) => void }} options */
export async function soak ({ ms, tabs: many, path, print }) {
  const author = new Author(path)
  const [live, bare] = [start('app.js', ['live', path]), start('app.js', ['bare', path])]
  const [{ port }, { port: barePort }] = await Promise.all([live.hear('ready'), bare.hear('ready')])
  const url = `http://127.0.0.1:${port}`
  const load = (address, rate) => start('../bench/load.js', [address, String(rate)])
  const [asksLive, asksBare, asksPages] = [load(`${url}/plain`, REQUESTS_PER_SECOND), load(`http://127.0.0.1:${barePort}/plain`, REQUESTS_PER_SECOND), load(`${url}/page.html`, PAGES_PER_SECOND)]
  const found = { alone: [], before: [], beside: [], meanwhile: [] }
  const period = Math.min(PERIOD_MS, ms / 5)
  const roundMs = Math.min(ROUND_MS, period / 4)
  const measure = async (asks, rounds) => {
    const began = performance.now()
    const round = await asks.ask('round', { skip: roundMs / 10, ms: roundMs })
    rounds.push({ ...round, isWhole: author.cutUntil + RECOVERY_MS < began })
  }
  for (let i = 0; i < 3; i++) {
    await measure(asksBare, found.alone)
    await measure(asksLive, found.before)
  }

  const wire = start('wire.js', [String(port)])
  const { port: wirePort } = await wire.hear('ready')
  const tabs = start('tabs.js', [port, wirePort, many, many].map(String))
  await tabs.hear('ready')
  for (const one of [wire, tabs]) one.setPriority(ELSEWHERE)
  await tabs.ask('open', { verb: 'open' })
  print(`${2 * many} tabs are connected`)

  const began = performance.now()
  const samples = [{ at: 0, ...await live.ask('usage', 'usage') }]
  let [lost, told] = [0, {}]
  const waits = []
  while (performance.now() - began < ms) {
    const measured = found.meanwhile.length
    const until = performance.now() + period * 0.8
    const acts = setInterval(() => author.step(tabs, wire), Math.min(STEP_MS, period / 50))
    const pages = asksPages.ask('round', { skip: 0, ms: period * 0.7 })
    while (performance.now() < until) {
      await measure(asksLive, found.meanwhile)
      await measure(asksBare, found.beside)
    }
    clearInterval(acts)
    await pages
    const looked = await look(author, { live, tabs, wire, url })
    lost += looked.lost
    waits.push(looked.ms)
    told = looked.told
    const sample = { at: performance.now() - began, ...await live.ask('usage', 'usage') }
    samples.push(sample)
    const p99 = rounds => median(rounds.slice(measured).map(round => round.p99)).toFixed(1)
    print(`${Math.round(sample.at / 1000)} s: ${author.done.saves} saves, ${lost} lost, ${sample.rss.toFixed(1)} MB (${sample.used.toFixed(1)} used, heap ${sample.heap.toFixed(1)}), ${sample.handles} handles, p99 ${p99(found.meanwhile)} ms beside ${p99(found.beside)}`)
  }

  const counted = countedBy(await get(`${url}/__live/metrics`))
  const closing = await live.ask('close', 'close')
  await Promise.all([live, bare, asksLive, asksBare, asksPages, tabs, wire].map(({ stop }) => stop()))
  return { ...found, done: author.done, tabs: many, told, counted, lost, unhandled: closing.unhandled, waits, samples, closing }
}

/** How many tabs do not get to the newest change in time, and pages to what was saved. */
async function look (author, { live, tabs, wire, url }) {
  author.rest(wire)
  const plugin = JSON.stringify({ version: author.plugin })
  for (const began = performance.now(); ;) {
    const page = await get(`${url}/page.html`)
    const state = await live.ask('state', 'state')
    const { behind, stale, ...told } = await tabs.ask('look', { verb: 'look', ...state, text: author.text })
    const isBuilt = page.includes(`<p>${author.text}</p>`) && !state.isBuilding
    const isReloaded = await get(`${url}/hot`) === plugin
    const lost = behind + stale + (isBuilt ? 0 : 1) + (isReloaded ? 0 : 1)
    const ms = performance.now() - began
    if (lost === 0 || ms > MOST_MS) return { lost, told, ms }
    await pause(100)
  }
}

function countedBy (text) {
  const sum = pattern => text.split('\n').filter(line => pattern.test(line)).reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' '))), 0)
  const builds = outcome => sum(new RegExp(`^live_reload_builds_total\\{.*outcome="${outcome}"`))
  return { refused: sum(/^live_reload_connections_refused_total/), ok: builds('ok'), failed: builds('failed'), aborted: builds('aborted') }
}
