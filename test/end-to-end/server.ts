// A server in a process of its own, so that it can be killed: `server.js ROOT PORT [TRANSPORT]`.
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import liveReload from '../../lib/index.js'
import '../support/preload.js'

const [root, port, transport = 'auto'] = process.argv.slice(2)
const app = Fastify()
await app.register(liveReload, { root: root as string, client: { transport: transport as 'auto' | 'ws' | 'sse' } })
await app.listen({ port: Number(port), host: '127.0.0.1' })
await app.liveReload.ready
process.send?.({ port: (app.server.address() as AddressInfo).port })
