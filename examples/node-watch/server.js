// `node --watch` restarts the process. The page reloads once, when the new process answers.
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { page } from './page.js'

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })
const started = new Date().toISOString()

await app.register(liveReload)

app.get('/', (request, reply) => reply.type('text/html; charset=utf-8').send(page({ pid: process.pid, started })))

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3002) })
console.log(`Process ${process.pid} answers at ${address} - edit page.js or server.js and watch the page.`)

process.once('SIGTERM', () => app.close())
