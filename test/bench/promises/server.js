// A server whose promises are measured, as a process of its own: `fork('promises/server.js', [name, { root, options } as JSON])`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import liveReload, { command, isolated } from 'fastify-live-reload'
import { pageOf } from '../files.js'
import { now } from '../measure.js'

const STUCK = fileURLToPath(new URL('stuck.js', import.meta.url))
const PIECE = 64 * 1024
const [name, json = '{}'] = process.argv.slice(2)
/** @type {{ root: string, options: { source?: string, builder?: string, mute?: string, tls?: object, large?: boolean } }} */
const { root, options: { source, builder, mute, tls, large } } = JSON.parse(json)

let built = 0
const builders = {
  isolated: () => isolated(STUCK),
  command: () => command([process.execPath, STUCK, join(source, 'kind')]),
  async function ({ changed: [path] }) {
    if (path !== undefined) await (await import('./stuck.js')).begin(path)
  },
  write: () => {
    built++
    writeFileSync(join(root, 'page.html'), pageOf(1024, `<meta name="n" content="${built}">`))
  }
}

const app = Fastify(tls ? { http2: true, https: { ...tls, allowHTTP1: true } } : {})
// As if it were lost on the way: no answer, and no end.
if (mute) {
  app.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith(mute)) reply.hijack()
    else done()
  })
}
if (name === 'live') {
  const make = builders[builder]
  await app.register(liveReload, { root, ...make && { build: { source, builder: builder === 'isolated' || builder === 'command' ? make() : make } } })
}

if (large) {
  const page = Buffer.from(pageOf(10 * 1024 * 1024))
  const packed = gzipSync(page)
  const send = (reply, bytes) => reply.type('text/html; charset=utf-8').send(Readable.from(piecesOf(bytes), { objectMode: false }))
  app.get('/streamed', (_request, reply) => send(reply, page))
  app.get('/packed', (_request, reply) => send(reply.header('content-encoding', 'gzip'), packed))
}
function * piecesOf (bytes) {
  for (let i = 0; i < bytes.length; i += PIECE) yield bytes.subarray(i, i + PIECE)
}

const url = await app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ type: 'answering', url, at: now() })
await app.liveReload?.ready
process.send?.({ type: 'watching', at: now() })

const lag = monitorEventLoopDelay({ resolution: 1 })
const sent = { reload: 0, build: 0 }
app.liveReload?.on('send', ({ message: { type } }) => { if (type in sent) sent[type]++ })

const verbs = {
  async close () {
    const began = now()
    await app.close()
    return { ms: now() - began }
  },
  reload: () => { app.liveReload.reload() },
  /** Builds asked for by hand, one every so often; none for 0. */
  async storm ({ ms, every }) {
    built = sent.reload = sent.build = 0
    const before = process.cpuUsage()
    lag.reset()
    lag.enable()
    const timer = every > 0 ? setInterval(() => { app.liveReload.build() }, every) : undefined
    await new Promise(resolve => { setTimeout(resolve, ms) })
    clearInterval(timer)
    lag.disable()
    const { user, system } = process.cpuUsage(before)
    return { p99: lag.percentile(99) / 1e6, max: lag.max / 1e6, cpu: (user + system) / 1000, built, ...sent }
  }
}
process.on('message', async ({ verb, ...more }) => { process.send?.({ type: verb, ...await verbs[verb](more) }) })
process.on('disconnect', () => process.exit())
