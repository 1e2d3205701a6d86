// A server for `hot.js`: the same plugin registered natively, or as a hot plugin, beside a route of the app.
import { pathToFileURL } from 'node:url'
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'

const [kind = '', dir = ''] = process.argv.slice(2)
const app = Fastify()
await app.register(liveReload, kind === 'hot' ? { plugins: { dir } } : {})
if (kind === 'native') await app.register((await import(pathToFileURL(`${dir}/a.js`).href)).default)
app.get('/app', async () => ({ hello: 'world' }))
await app.listen({ port: 0, host: '127.0.0.1' })
await app.liveReload.ready
process.on('message', () => process.send?.({ cpu: process.cpuUsage().user + process.cpuUsage().system }))
process.send?.({ port: app.server.address().port })
