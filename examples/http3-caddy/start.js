// Runs the app, and the Caddy of this machine in front of it, with the certificate of the HTTP/2 example.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { certificate } from '../http2/certificates.js'

const { PORT = '8443', APP_PORT = '3005' } = process.env
const at = name => fileURLToPath(new URL(name, import.meta.url))
const INSTALL = { darwin: 'brew install caddy', win32: 'winget install CaddyServer.Caddy' }

if (spawnSync('caddy', ['version']).status !== 0) {
  console.error(`This example needs Caddy: install it with "${INSTALL[process.platform] ?? 'sudo apt-get install caddy'}", or run "docker compose up" in examples/http3-caddy`)
  process.exit(1)
}

const { files } = await certificate()

// Browsers try ::1 first, if the machine has it.
const loopback = Object.values(networkInterfaces()).flat().map(one => one.address).filter(address => address === '127.0.0.1' || address === '::1')
const options = { stdio: 'inherit', env: { ...process.env, PORT, APP_PORT, APP: `127.0.0.1:${APP_PORT}`, BIND: loopback.join(' '), CERTIFICATE: files.cert, KEY: files.key } }
const children = [
  spawn(process.execPath, [at('server.js')], options),
  spawn('caddy', ['run', '--config', at('Caddyfile'), '--adapter', 'caddyfile'], options)
]
console.log(`The page is at https://localhost:${PORT} - edit a file below ${process.env.APP_DIR ?? import.meta.dirname}/public and watch it.`)

// When one process ends, the other has to end, too.
const stop = () => { for (const child of children) child.kill() }
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
for (const child of children) {
  child.once('exit', code => {
    process.exitCode ||= code ?? 0
    stop()
  })
}
await Promise.all(children.map(child => once(child, 'exit')))
