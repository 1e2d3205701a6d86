// Imports Fastify and a plugin, registers it and gets ready: prints the milliseconds since the process began. `node register.js NAME ROOT`.
const [name, root] = process.argv.slice(2)
const { default: Fastify } = await import('fastify')
const app = Fastify()
if (name === 'plain') {
  const { default: fastifyStatic } = await import('@fastify/static')
  app.register(fastifyStatic, { root })
} else {
  const { default: liveReload } = await import('fastify-live-reload')
  app.register(liveReload, { root, enabled: name === 'live' })
}
await app.ready()
process.stdout.write(String(performance.now()))
process.exit()
