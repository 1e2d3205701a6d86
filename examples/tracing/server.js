// Every build and every message becomes a span. Here they are printed; an exporter of OpenTelemetry takes them the same way.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { printing, traceLiveReload } from './spans.js'

const dir = process.env.APP_DIR ?? import.meta.dirname
const build = () => {
  mkdirSync(join(dir, 'dist'), { recursive: true })
  writeFileSync(join(dir, 'dist/index.html'), `<!doctype html><title>Tracing</title><h1>${readFileSync(join(dir, 'src/title.txt'), 'utf8')}</h1>`)
}

traceLiveReload(printing)
const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })
await app.register(liveReload, { root: join(dir, 'dist'), build: { name: 'page', source: join(dir, 'src'), builder: build } })
const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3009) })
console.log(`The page is at ${address} - edit src/title.txt and read the spans here.`)
process.once('SIGTERM', () => app.close())
