// One server for the container of development and that of production: NODE_ENV says which of them it is in.
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })

await app.register(liveReload, {
  root: 'public',
  // The name by which other containers reach this one.
  security: { allowedHosts: ['app'] }
})

// Docker asks it whether the app lives.
app.get('/health', async () => ({ ok: true }))

// A container has an address of its own, and loopback of the host is not in it.
const address = await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT ?? 3000) })
console.log(`The app is at ${address}`)

// Docker stops a container with SIGTERM, and kills it ten seconds later.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
