// The app that is attacked, in a process of its own: it has to outlive everything. Says its ports, closes when it is told to, and then ends by itself.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const PAGE = '<!doctype html><html><head><title>x</title></head><body>hello</body></html>'
const root = mkdtempSync(join(tmpdir(), 'live-reload-'))
writeFileSync(join(root, 'file.html'), PAGE)

async function start (options) {
  const app = Fastify({ ...options, forceCloseConnections: true, requestTimeout: 5000 })
  await app.register(liveReload, { root: { path: root, prefix: '/files/' }, client: { forwardConsole: true }, security: { maxConnections: 50, rateLimit: false }, backend: 'poll', pollInterval: 60_000 })
  app.get('/', (_request, reply) => reply.type('text/html').send(PAGE))
  app.get('/slow', async () => { await new Promise(resolve => setTimeout(resolve, 50)); return 'slow' })
  app.get('/stream', (_request, reply) => reply.type('text/html').send(Readable.from([PAGE.slice(0, 30), PAGE.slice(30)])))
  app.get('/boom', () => { throw new Error('boom') })
  app.post('/echo', async ({ body }) => ({ body }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app
}

const apps = [await start({}), await start({ http2: true })]
// Node keeps connections of broken HTTP/2 sessions open, with and without the plugin: only the connections of HTTP/1.1 are left to close().
const connections = new Set()
apps[1].server.on('connection', socket => {
  connections.add(socket)
  socket.on('close', () => connections.delete(socket))
})
const timer = setInterval(() => {
  for (const { liveReload } of apps) {
    liveReload.reload()
    liveReload.send('x', 'y'.repeat(1000))
  }
}, 50)
process.send({ ports: apps.map(({ server }) => server.address().port), token: apps[0].liveReload.token })
process.on('message', async () => {
  clearInterval(timer)
  for (const socket of connections) socket.destroy()
  await Promise.all(apps.map(app => app.close()))
  process.disconnect()
})
