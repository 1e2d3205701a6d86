// One command starts it all: a port that is free, HTTPS, the browser, and a QR code for the phone.
import Fastify from 'fastify'
import liveReload from 'fastify-live-reload'
import { devCertificate, listen } from 'fastify-live-reload/dev'

const [secure, phone] = ['--https', '--phone'].map(flag => process.argv.includes(flag))

const app = Fastify({
  logger: { level: process.env.LOG_LEVEL ?? 'info' },
  forceCloseConnections: true,
  ...secure && { https: await devCertificate() }
})

await app.register(liveReload, { root: new URL('public', import.meta.url) })

app.get('/started', () => ({ pid: process.pid, seconds: Math.round(process.uptime()) }))

const { address, taken } = await listen(app, {
  ports: [3141, 2718, 1618],
  open: true,
  ...phone && { host: '0.0.0.0', qr: true }
})
console.log(`The page is at ${address}, ${taken.length} ports were taken - edit public/index.html or server.js.`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
