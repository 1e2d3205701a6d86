// The certificate of examples/http2 where mkcert is installed.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { connect } from 'node:tls'
import { test } from 'tap'
import { systemProgram } from '../setup/system-program.js'
import { example, run } from '../support/example.js'
import { folder } from '../support/folder.js'

test('certificates.js makes the certificate by mkcert, and browsers that know its authority trust it', async t => {
  const { at } = folder(t)
  const { NODE_OPTIONS, ...rest } = process.env
  const env = { ...rest, CERTIFICATES: at('certificates'), CAROOT: at('root'), PATH: `${dirname(systemProgram('mkcert'))}${delimiter}${process.env.PATH}` }
  const { stdout } = spawnSync(process.execPath, [example('http2/certificates.js')], { encoding: 'utf8', env })
  t.match(stdout, /^mkcert made the certificate \S+\.\nRun "mkcert -install" once, and browsers trust it\.\n$/)
  const { url } = await run(t, [example('http2/server.js')], { PORT: '0', CERTIFICATES: at('certificates') })
  const socket = connect({ host: 'localhost', port: Number(new URL(url).port), servername: 'localhost', ca: readFileSync(at('root/rootCA.pem')) })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  t.equal(socket.authorized, true)
})
