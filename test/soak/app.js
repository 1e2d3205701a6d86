// The app that is soaked, as a process of its own: `fork('app.js', ['live' or 'bare', folder])`. The bare one has the same route without the plugin.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { pause } from '../bench/measure.js'

const [kind = '', path = ''] = process.argv.slice(2)
const at = name => join(path, name)
let unhandled = 0
process.on('unhandledRejection', error => {
  unhandled++
  process.stderr.write(`unhandled: ${error?.stack}\n`)
})

function builder () {
  const text = readFileSync(at('src/page.txt'), 'utf8')
  if (text.startsWith('bad')) throw new Error(`${text} cannot be built`)
  writeFileSync(at('public/page.html'), `<!doctype html><link rel=stylesheet href=/site.css><p>${text}</p>`)
}

const app = Fastify({ forceCloseConnections: true })
if (kind === 'live') {
  await app.register(liveReload, {
    root: at('public'),
    watch: at('views'),
    plugins: { dir: at('plugins') },
    build: { name: 'site', source: at('src'), builder },
    metrics: true,
    // All tabs have one address.
    security: { maxConnections: 30_000, rateLimit: false }
  })
}
app.get('/plain', async () => ({ hello: 'world' }))
// All tabs come at the same moment: those beyond the usual 511 would try again after a second, three, seven.
await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
await app.liveReload?.ready

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const verbs = {
  /** Since the last time it was asked for. */
  async usage () {
    const late = { median: delay.percentile(50) / 1e6 - 1, p99: delay.percentile(99) / 1e6 - 1, most: delay.max / 1e6 - 1 }
    // What one of them has freed, the system gets back at the next.
    for (let i = 0; i < 3; i++) {
      globalThis.gc()
      await pause(100)
    }
    delay.reset()
    const { rss, heapUsed } = process.memoryUsage()
    // V8 keeps pages that are empty by now, at one time more of them than at another.
    const { total_physical_size: pages, used_heap_size: used } = getHeapStatistics()
    return { rss: rss / 1024 ** 2, used: (rss - pages + used) / 1024 ** 2, heap: heapUsed / 1024 ** 2, handles: process.getActiveResourcesInfo().length, unhandled, late }
  },
  state () {
    const { epoch, seq, builds } = app.liveReload.status()
    return { epoch, seq, isBuilding: Object.values(builds).some(({ state }) => state === 'started') }
  },
  async close () {
    const began = performance.now()
    await app.close()
    const ms = performance.now() - began
    delay.disable()
    // Sockets are handles until their other end has heard of it.
    await pause(1000)
    return { ms, handles: process.getActiveResourcesInfo(), unhandled }
  }
}
process.on('message', async verb => { process.send?.({ type: verb, ...await verbs[verb]() }) })
process.on('disconnect', () => process.exit())
process.send?.({ type: 'ready', port: app.server.address().port })
