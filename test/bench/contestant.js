// A server to measure, as a process of its own: `fork('contestant.js', [name, options as JSON])`.
import { once } from 'node:events'
import { copyFileSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import fastifyStatic from '@fastify/static'
import parcel from '@parcel/watcher'
import Fastify from 'fastify'
import liveReload, { isolated } from 'fastify-live-reload'
import { WebSocketServer } from 'ws'
import { pageOf } from './files.js'
import { now } from './measure.js'

const [name = '', json = '{}'] = process.argv.slice(2)
/** @type {{ root: string, options?: object }} */
const { root, options = {} } = JSON.parse(json)
const app = Fastify({ forceCloseConnections: true })
const text = pageOf(10 * 1024)
let rendered = 0
/** Tells all clients at once, for the part `delivery`. */
let tell = () => {}

/** Tells every socket `{"type":"reload"}`, and nothing else. */
function broadcast () {
  const sockets = new WebSocketServer({ server: app.server, path: '/__live/socket', perMessageDeflate: false })
  return () => { for (const socket of sockets.clients) socket.send('{"type":"reload"}') }
}

/** What each contestant adds to an app, and how it begins to watch. */
const kinds = {
  plain: async () => {
    await app.register(fastifyStatic, { root })
  },
  parcel: async () => {
    const tell = broadcast()
    await app.register(fastifyStatic, { root })
    return () => parcel.subscribe(root, tell)
  },
  'fs.watch': async () => {
    const tell = broadcast()
    await app.register(fastifyStatic, { root })
    return () => watch(root, { recursive: true }, tell)
  },
  // Nothing but the transports, as little as they can be.
  bare: async () => {
    const sockets = broadcast()
    const streams = new Set()
    app.get('/__live/events', (_request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.raw.write(':\n\n')
      streams.add(reply.raw)
    })
    tell = () => {
      sockets()
      for (const stream of streams) stream.write('event: reload\ndata: {}\n\n')
    }
  },
  metrics: async () => {
    await app.register(liveReload, { root, metrics: true })
  },
  live: async () => {
    await app.register(liveReload, { root, ...options })
    tell = () => app.liveReload.reload()
    return () => app.liveReload.ready
  },
  events: async () => {
    await app.register(liveReload, { root })
    tell = () => app.liveReload.send('told')
    return () => app.liveReload.ready
  },
  build: async () => {
    const builder = () => { process.send?.({ type: 'built' }) }
    await app.register(liveReload, { build: { source: root, builder }, ...options })
    return () => app.liveReload.ready
  },
  built: async () => {
    const builder = () => copyFileSync(`${root}/src/page.html`, `${root}/public/page.html`)
    await app.register(liveReload, { root: `${root}/public`, build: { source: `${root}/src`, builder }, ...options })
    return () => app.liveReload.ready
  },
  isolated: async () => {
    const { build: { source, module } } = /** @type {{ build: { source: string, module: string } }} */ (options)
    await app.register(liveReload, { root, build: { source, builder: isolated(module, { env: { NODE_OPTIONS: '--max-old-space-size=640' } }) } })
    return () => app.liveReload.ready
  },
  livereload: async () => {
    const { default: livereload } = await import('livereload')
    const server = livereload.createServer({ host: '127.0.0.1', ...options })
    await app.register(fastifyStatic, { root })
    return () => { server.watch(root); return once(server.watcher, 'ready') }
  },
  production: async () => {
    await app.register(liveReload, { root, enabled: false, ...options })
  }
}

const watching = await kinds[/** @type {keyof typeof kinds} */ (name)]()
app.get('/text', (_request, reply) => reply.type('text/html; charset=utf-8').send(text))
app.get('/rendered', (_request, reply) => reply.type('text/html; charset=utf-8').send(pageOf(10 * 1024, `<meta name="n" content="${++rendered}">`)))
app.get('/view', async (_request, reply) => reply.type('text/html; charset=utf-8').send(await readFile(`${root}/page.html`, 'utf8')))
app.get('/data', async () => ({ hello: 'world' }))
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const socket = name === 'livereload' ? `ws://127.0.0.1:${/** @type {{ port?: number }} */ (options).port}/livereload` : undefined
process.send?.({ type: 'answering', url, socket, at: now() })
await watching?.()
process.send?.({ type: 'watching', at: now() })

process.on('message', message => {
  if (message === 'tell') {
    const at = now()
    tell()
    process.send?.({ type: 'made', at })
    return
  }
  // Work too: so it is asked for apart from the reading of the clocks.
  if (message === 'collect') globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ type: 'usage', at: now(), cpu: (user + system) / 1000, rss: rss / 1024 / 1024, heap: heapUsed / 1024 / 1024 })
})
process.on('disconnect', () => process.exit())
