// TypeScript and CSS, built by esbuild. Break a source, and the page shows where. Fix it, and the page updates.
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { esbuild } from 'fastify-live-reload/esbuild'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })

await app.register(liveReload, {
  root: [at('public'), { path: at('dist'), prefix: '/assets/' }],
  build: {
    name: 'bundle',
    source: at('src'),
    builder: esbuild({
      entryPoints: [at('src/main.ts'), at('src/style.css')],
      outdir: at('dist'),
      bundle: true,
      format: 'esm',
      sourcemap: 'linked'
    })
  }
})

app.liveReload.on('build:end', ({ result }) => {
  if (result !== undefined) console.log(`${result.ok ? 'built' : 'broken'} in ${Math.round(result.ms)} ms`)
})

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3003) })
await app.liveReload.ready
console.log(`The palette is at ${address} - edit a file below ${at('src')} and watch the page.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
