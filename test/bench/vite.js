// Vite's dev server as a contestant: `fork('vite.js', ['vite', { root } as JSON])`.
import { createServer } from 'vite'
import { now } from './measure.js'

const { root } = JSON.parse(process.argv[3] ?? '{}')
const server = await createServer({ root, configFile: false, logLevel: 'silent', cacheDir: `${root}/.vite`, server: { host: '127.0.0.1', port: 24_000 + process.pid % 1000 } })
await server.listen()
const [url] = server.resolvedUrls?.local ?? []
process.send?.({ type: 'answering', url: url?.replace(/\/$/, ''), socket: `${url?.replace('http', 'ws')}?token=${server.config.webSocketToken}`, at: now() })
process.send?.({ type: 'watching', at: now() })
process.on('disconnect', () => process.exit())
