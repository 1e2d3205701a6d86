// A server that ends as the examples do: `signals-server.js FOLDER SHELL-COMMAND [slow]`. Tells where it is by a file.
import { renameSync, writeFileSync } from 'node:fs'
import Fastify from 'fastify'
import liveReload, { command } from 'fastify-live-reload'

const [folder = '', shell = '', slow] = process.argv.slice(2)
const app = Fastify({ logger: true, forceCloseConnections: true })
await app.register(liveReload, {
  root: `${folder}/out`,
  build: { name: 'site', source: `${folder}/src`, builder: command(['sh', '-c', shell], { cwd: folder }) }
})
// Something else of the app that does not end by itself.
if (slow) app.addHook('onClose', () => new Promise(() => { setInterval(() => {}, 1000) }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => app.close())
await app.listen({ port: 0, host: '127.0.0.1' })
writeFileSync(`${folder}/server.part`, JSON.stringify({ pid: process.pid, port: app.server.address().port }))
renameSync(`${folder}/server.part`, `${folder}/server.json`)
