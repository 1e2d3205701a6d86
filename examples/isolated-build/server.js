// Markdown, built in a separate process: a build that loops, crashes or exhausts memory does not harm the server.
import { readdir, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import liveReload, { isolated, staged } from 'fastify-live-reload'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'warn' } })

async function weigh () {
  for (const name of await readdir(at('dist'))) {
    const { size } = await stat(at(`dist/${name}`))
    if (size > 20_000) throw new Error(`${name} has ${Math.round(size / 1000)} kB, that is a heavy page`)
  }
}

await app.register(liveReload, {
  root: { path: at('dist'), extensions: ['html'] },
  build: {
    name: 'notebook',
    source: at('pages'),
    before: [[process.execPath, at('check.js'), at('pages')]],
    builder: staged(isolated(at('build.js'), { env: { PAGES: at('pages') } }), { dir: at('dist') }),
    after: weigh,
    timeout: 10_000
  }
})

app.liveReload.on('build:end', ({ result }) => {
  if (result !== undefined) console.log(result.ok ? `${result.pages} pages in ${Math.round(result.ms)} ms, by process ${result.meta.pid}` : 'broken')
})

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3006) })
await app.liveReload.ready
console.log(`The notebook is at ${address}, process ${process.pid} - edit a file below ${at('pages')} and watch the page.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
