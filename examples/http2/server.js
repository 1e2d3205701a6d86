// HTTP/2 with TLS. The page comes over h2, so live reload listens by SSE; a renewed certificate needs no restart.
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { defaultFiles } from './certificates.js'
import { readCertificate, watchCertificate } from './renewal.js'

const here = process.env.APP_DIR ?? fileURLToPath(new URL('.', import.meta.url))
const files = defaultFiles()

function certificateOrExit () {
  try {
    return readCertificate(files)
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}

const app = Fastify({
  logger: { level: process.env.LOG_LEVEL ?? 'warn' },
  http2: true,
  https: { ...certificateOrExit(), allowHTTP1: true } // for clients without HTTP/2, and for WebSocket
})

await app.register(liveReload, { root: `${here}/public` })

const stop = watchCertificate(files, certificate => {
  app.server.setSecureContext(certificate)
  console.log('The certificate was renewed: new connections use it, open ones stay open.')
})
app.addHook('onClose', stop)

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3004) })
console.log(`The page is at ${address.replace('127.0.0.1', 'localhost')} - edit a file below ${here}/public and watch it.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
