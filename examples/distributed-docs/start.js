// Runs it all on this machine: a Redis of its own, two workers, and the server.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const at = path => fileURLToPath(new URL(path, import.meta.url))
const INSTALL = { darwin: 'brew install redis', linux: 'sudo apt-get install redis-server' }

if (spawnSync('redis-server', ['--version']).status !== 0) {
  console.error(`This example needs Redis: install it with "${INSTALL[process.platform] ?? INSTALL.linux}", or run "docker compose up" in examples/distributed-docs`)
  process.exit(1)
}

const port = await freePort()
const { BROKER = `redis://127.0.0.1:${port}`, STORE = at('.store') } = process.env
// On other machines all of them get the same secret from you.
const { LIVE_RELOAD_WORKER_SECRET = randomBytes(24).toString('hex') } = process.env
const env = { ...process.env, BROKER, STORE, LIVE_RELOAD_WORKER_SECRET }
const options = { cwd: at('../..'), env, stdio: ['ignore', 'inherit', 'inherit'] }
const worker = () => spawn(process.execPath, [at('../../dist/lib/cli.js'), 'worker', '--connection', BROKER, '--store', STORE, '--project', 'docs', '--concurrency', '1'], options)

const children = [
  spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning'], { ...options, stdio: ['ignore', 'ignore', 'inherit'] }),
  worker(),
  worker(),
  spawn(process.execPath, [at('server.js')], options)
]

// When one process ends, the others have to end, too.
const stop = () => { for (const child of children) child.kill() }
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
for (const child of children) {
  child.once('exit', code => {
    process.exitCode ||= code ?? 0
    stop()
  })
}
await Promise.all(children.map(child => once(child, 'exit')))

async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}
