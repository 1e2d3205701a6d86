// Command line: `fastify-live-reload reload`, `build-now` and `status` find the server by a file and talk to it by `POST <path>/command`.
import type { AddressInfo } from 'node:net'
import fp from 'fastify-plugin'
import { logOf, type FeatureOptions } from '../../shared/feature.js'
import { writeServer, type ServerRecord } from '../../shared/command-line/server-file.js'
import { serveCommands } from './commands.js'

export default fp<FeatureOptions>(async (app, { live, settings }) => {
  let written: Promise<(() => Promise<void>) | undefined> | undefined
  live.routes(scope => serveCommands(scope, live, settings), { access: 'token' })
  // The start does not wait for the file.
  app.server.once('listening', () => {
    written = writeServer(describe()).catch((error: Error) => {
      logOf(app).warn(`live reload: the command line cannot find this server: ${error.message}`)
      return undefined
    })
  })
  app.addHook('preClose', async () => { await (await written)?.() })

  function describe (): ServerRecord {
    const address = app.server.address()
    const scheme = 'setSecureContext' in app.server ? 'https' : 'http'
    const record = { cwd: settings.cwd, pid: process.pid, epoch: live.epoch, token: live.token, ...app.initialConfig.http2 === true && { http2: true as const } }
    if (typeof address === 'string') return { ...record, url: `${scheme}://localhost${live.path}`, socket: address }
    const { address: host, port } = address as AddressInfo
    // An app that listens on all addresses is reached by the one that never leaves the machine.
    const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
    return { ...record, url: `${scheme}://${name}:${port}${live.path}` }
  }
})
