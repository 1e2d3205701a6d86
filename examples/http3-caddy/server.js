// A plain HTTP app on loopback. Caddy runs in front of it and speaks HTTP/1.1, HTTP/2 and HTTP/3 with the browser.
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const here = process.env.APP_DIR ?? import.meta.dirname
const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })

await app.register(liveReload, { root: `${here}/public` })

const address = await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.APP_PORT ?? 3005) })
console.log(`The app is at ${address}, behind Caddy.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
