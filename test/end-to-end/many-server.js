// A server in a process of its own for many clients: `many-server.js ROOT PORT`; says what it holds when asked.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const [root, port] = process.argv.slice(2)
const app = Fastify()
await app.register(liveReload, { root })
let connects = 0
app.liveReload.on('connect', () => { connects++ })
await app.listen({ port: Number(port), host: '127.0.0.1' })
await app.liveReload.ready
process.on('message', message => {
  if (message === 'reload') app.liveReload.reload()
  collect()
  const resources = process.getActiveResourcesInfo()
  const count = name => resources.filter(one => one === name).length
  process.send?.({ connects, clients: app.liveReload.clients, heap: process.memoryUsage().heapUsed, timers: count('Timeout'), sockets: count('TCPSocketWrap') })
})
process.send?.({ port: app.server.address().port })
