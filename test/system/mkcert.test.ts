// devCertificate() where mkcert is installed.
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { connect } from 'node:tls'
import Fastify from 'fastify'
import { test } from 'tap'
import { devCertificate, listen } from '../../lib/entries/dev/index.js'
import { systemProgram } from '../setup/system-program.js'
import { folder } from '../support/folder.js'

test('mkcert makes the certificate, and whoever knows its authority trusts each name of it', async t => {
  const { at } = folder(t)
  const { PATH, CAROOT, PORT } = process.env
  t.teardown(() => Object.assign(process.env, { PATH }, CAROOT !== undefined && { CAROOT }, PORT !== undefined && { PORT }))
  Object.assign(process.env, { PATH: `${dirname(systemProgram('mkcert'))}${delimiter}${PATH}`, CAROOT: at('root') })
  delete process.env.PORT
  const lines: string[] = []
  const stream = { write: (line: string) => { lines.push(line) } }
  const https = await devCertificate({ dir: at('certificates') })
  t.equal(statSync(https.files.key).mode & 0o777, 0o600)
  t.equal((await devCertificate({ dir: at('certificates') })).cert, https.cert, 'it is kept')

  const app = Fastify({ logger: { stream }, https })
  t.teardown(() => app.close())
  const { port } = await listen(app, { ports: 0, host: '127.0.0.1', https: 'auto' })
  for (const name of [{ servername: 'localhost' }, { servername: '' }]) {
    const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(at('root/rootCA.pem')), ...name })
    t.teardown(() => socket.destroy())
    await once(socket, 'secureConnect')
    t.equal(socket.authorized, true)
  }
})

test('until its authority is installed, the log says how', async t => {
  const { at } = folder(t)
  const { PATH, CAROOT } = process.env
  t.teardown(() => Object.assign(process.env, { PATH }, CAROOT !== undefined && { CAROOT }))
  Object.assign(process.env, { PATH: `${dirname(systemProgram('mkcert'))}${delimiter}${PATH}`, CAROOT: at('root') })
  const lines: string[] = []
  const stream = { write: (line: string) => { lines.push(line) } }
  const app = Fastify({ logger: { stream }, https: await devCertificate({ dir: at('certificates') }) })
  t.teardown(() => app.close())
  await listen(app, { ports: 0, host: '127.0.0.1' })
  t.match(lines.join(''), 'mkcert made the certificate. Run \\"mkcert -install\\" once')
})
