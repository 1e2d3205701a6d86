// The documentation site of examples/docs-site, whose shards are built by workers. Edit a file below docs/ or types/.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { listen } from 'fastify-live-reload/dev'
import { distributed } from 'fastify-live-reload/distributed'
import { docsSite } from '../docs-site/site.js'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const { BROKER = 'redis://127.0.0.1:6379', STORE = at('.store'), OUT_DIR = at('dist') } = process.env

let built = { worker: 0, local: 0 }
const on = distributed({ connection: BROKER, store: STORE, project: 'docs', onShard: ({ where }) => { built[where]++ } })
const { builder, sources } = docsSite({ root: at('../..'), out: OUT_DIR, cache: at('.cache') })

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' }, forceCloseConnections: true })

await app.register(liveReload, {
  root: { path: OUT_DIR, extensions: ['html'] },
  // The site is small: without `minPages` it would be built here. The store keeps all shards, so there is no other cache.
  build: { name: 'docs', source: sources, builder: builder.with({ on, minPages: 0, cache: false }) }
})

app.setNotFoundHandler((request, reply) => reply.code(404).type('text/html; charset=utf-8').send(createReadStream(join(OUT_DIR, '404.html'))))

app.liveReload.on('build:end', ({ result }) => {
  for (const { severity, message } of result?.diagnostics ?? []) console.log(`${severity}: ${message}`)
  if (result?.ok) console.log(`${result.counts.pages} pages in ${Math.round(result.ms)} ms: ${built.worker} shards by workers, ${built.local} here, ${result.meta.shards - built.worker - built.local} as they were`)
  built = { worker: 0, local: 0 }
})

const { address } = await listen(app, { ports: [3000, 3001, 3002], host: process.env.HOST })
await app.liveReload.ready
console.log(`The documentation is at ${address} - edit a file below docs and watch the page.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close().then(() => process.exit()))
