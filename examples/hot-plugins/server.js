// A small chat bot of three plugins. Edit, break, add or remove one in `plugins` while it serves: nothing restarts.
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const app = Fastify({ logger: true })

// Plugins that yours need come first.
await app.register(websocket)
await app.register(liveReload, {
  plugins: { dir: new URL('plugins', import.meta.url) }
})

await app.listen({ port: Number(process.env.PORT ?? 3000) })
