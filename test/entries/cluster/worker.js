// Primary or worker of an app with three processes. argv: library, folder. Prints one line of JSON for each thing a test waits for.
import cluster from 'node:cluster'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [library, folder] = process.argv.slice(2)
const load = path => import(pathToFileURL(join(library, 'lib', path)))
const say = line => process.stdout.write(`${JSON.stringify(line)}\n`)

if (cluster.isPrimary) {
  const { shareTabs } = await load('entries/cluster/index.js')
  shareTabs()
  for (let i = 0; i < 3; i++) cluster.fork()
  cluster.on('listening', (worker, { port }) => say({ listening: worker.id, port }))
  cluster.on('exit', worker => say({ exit: worker.id }))
  process.stdin.on('data', text => cluster.workers[Number(String(text))]?.process.kill('SIGKILL'))
  process.stdin.on('end', () => process.exit())
} else {
  const { default: liveReload } = await load('index.js')
  const fastify = createRequire(join(library, 'index.js'))('fastify')
  const app = fastify({ logger: { level: 'warn', stream: { write: line => say({ log: JSON.parse(line).msg }) } } })
  app.addHook('onSend', async (request, reply) => { reply.header('x-worker', String(cluster.worker.id)) })
  await app.register(liveReload, { root: folder })
  app.post('/custom', async () => app.liveReload.send('greet', { from: cluster.worker.id }))
  app.post('/reload', async () => app.liveReload.reload())
  await app.listen({ port: 0, host: '127.0.0.1' })
  await app.liveReload.ready
  say({ ready: cluster.worker.id })
}
