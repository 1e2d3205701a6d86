// A documentation site, built in shards: this library's documents, its API, tags, search. Edit a file below docs/ or types/.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { listen } from 'fastify-live-reload/dev'
import options from './live-reload.config.js'

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' }, forceCloseConnections: true })

await app.register(liveReload, options)

app.setNotFoundHandler((request, reply) => reply.code(404).type('text/html; charset=utf-8').send(createReadStream(join(options.root.path, '404.html'))))

app.liveReload.on('build:end', ({ result }) => {
  for (const { severity, message } of result?.diagnostics ?? []) console.log(`${severity}: ${message}`)
  if (!result?.ok) return
  const { counts: { sources, pages, files }, meta: { shards, built }, outputs, ms } = result
  console.log(`${sources} sources, ${pages} pages, ${files} files; ${built.length} of ${shards} shards built, ${outputs.length} files written, ${Math.round(ms)} ms`)
})

const { address } = await listen(app, { ports: [3000, 3001, 3002] })
await app.liveReload.ready
console.log(`The documentation is at ${address} - edit a file below ${options.build.source[0]} and watch the page.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close().then(() => process.exit()))
