// An app whose live reload is measured: /__live/metrics for Prometheus.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const dir = process.env.APP_DIR ?? import.meta.dirname
const build = () => {
  const title = readFileSync(join(dir, 'src/title.txt'), 'utf8')
  if (title.includes('{{')) throw new Error('src/title.txt: there are no templates here')
  mkdirSync(join(dir, 'dist'), { recursive: true })
  writeFileSync(join(dir, 'dist/index.html'), `<!doctype html><title>Measured</title><h1>${title}</h1>`)
}

const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })
await app.register(liveReload, { root: join(dir, 'dist'), build: { name: 'page', source: join(dir, 'src'), builder: build }, metrics: true })
app.get('/hello/:name', async ({ params }) => ({ hello: params.name }))
const address = await app.listen({ host: process.env.HOST ?? '127.0.0.1', port: Number(process.env.PORT ?? 3000) })
console.log(`The page is at ${address}, its metrics at ${address}/__live/metrics`)
process.once('SIGTERM', () => app.close())
