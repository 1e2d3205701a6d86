// Pages rendered on the server, and a WebSocket route of the app. Live reload works beside both.
import view from '@fastify/view'
import websocket from '@fastify/websocket'
import ejs from 'ejs'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const here = process.env.APP_DIR ?? import.meta.dirname
const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })

await app.register(websocket)
await app.register(view, { engine: { ejs }, root: `${here}/views` })
await app.register(liveReload, {
  root: { path: `${here}/public`, prefix: '/public/' },
  watch: `${here}/views`
})

app.get('/', (request, reply) => reply.view('clock.ejs', { title: 'Clock', made: new Date().toISOString() }))
app.get('/about', (request, reply) => reply.view('about.ejs', { title: 'About' }))

// Independent of live reload: sends the time, and echoes what the page sends.
app.register(async scope => {
  scope.get('/clock', { websocket: true }, socket => {
    const tick = () => socket.send(JSON.stringify({ time: new Date().toISOString() }))
    const timer = setInterval(tick, 1000)
    tick()
    socket.on('message', text => socket.send(JSON.stringify({ echo: String(text) })))
    socket.on('close', () => clearInterval(timer))
  })
})

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3001) })
console.log(`The clock is at ${address} - edit a file below ${here}/views and watch the page.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
