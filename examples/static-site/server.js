// Serves the documentation of this library. Run `npm start`, then edit a file below docs/.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { listen } from 'fastify-live-reload/dev'
import { site } from './build.js'
import { above } from './markdown.js'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const docs = process.env.DOCS_DIR ?? at('../../docs')
const out = process.env.OUT_DIR ?? at('dist')

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' }, forceCloseConnections: true })

await app.register(liveReload, {
  root: { path: out, extensions: ['html'] },
  build: { source: [docs, at('assets'), ...above.map(name => join(docs, '..', name))], builder: site({ docs, out }) }
})

app.setNotFoundHandler((request, reply) => reply.code(404).type('text/html; charset=utf-8').send(createReadStream(`${out}/404.html`)))

app.liveReload.on('build:end', ({ result }) => {
  for (const { message, file, line } of result?.diagnostics ?? []) console.log(`${file ?? 'build'}:${line ?? 1}: ${message}`)
  if (result?.ok) console.log(`${result.pages} pages, ${result.outputs.length} files written, ${Math.round(result.ms)} ms`)
})

const { address } = await listen(app, { ports: [3000, 3001, 3002] })
await app.liveReload.ready
console.log(`The documentation is at ${address} - edit a file below ${docs} and watch the page.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close().then(() => process.exit()))
