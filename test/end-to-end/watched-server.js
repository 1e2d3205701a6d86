// A server that reads its page at each request, for a test that restarts it as nodemon does: `watched-server.js FOLDER PORT`.
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const [folder, port] = process.argv.slice(2)
const app = Fastify({ forceCloseConnections: true })
await app.register(liveReload, { watch: folder })
app.get('/', (_request, reply) => reply.type('text/html').send(readFileSync(`${folder}/page.html`, 'utf8')))
await app.listen({ port: Number(port), host: '127.0.0.1' })
await app.liveReload.ready
process.send({ port: app.server.address().port })
