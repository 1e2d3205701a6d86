// HTTP/2 with TLS. The page comes over h2, so live reload listens by SSE; a renewed certificate needs no restart.
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { listen } from 'fastify-live-reload/dev'
import { certificate } from './certificates.js'

const here = process.env.APP_DIR ?? fileURLToPath(new URL('.', import.meta.url))

const app = Fastify({
  logger: { level: process.env.LOG_LEVEL ?? 'warn' },
  http2: true,
  https: { ...await certificate(), allowHTTP1: true } // for clients without HTTP/2, and for WebSocket
})

await app.register(liveReload, { root: `${here}/public` })

const { address } = await listen(app, { ports: 3004 })
console.log(`The page is at ${address} - edit a file below ${here}/public and watch it.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
